/**
 * Which container or unit a process belongs to, by the names of its control groups
 * (/proc/PID/cgroup, cgroups(7)).
 *
 * Who writes which name: Docker `docker-ID.scope` or `/docker/ID` (docs.docker.com, "Runtime
 * metrics"); Podman `libpod-ID.scope`, `libpod_parent/libpod-ID`, and `libpod-payload-ID` in a
 * unit of Quadlet (podman-run(1), `--cgroups=split`); CRI plug-in of containerd
 * `cri-containerd-ID.scope` (containerd/cri pull request 290), or `…slice:cri-containerd:ID` where
 * it and the kubelet disagree about systemd (kubernetes issue 106514); nerdctl `nerdctl-ID.scope`
 * (falcosecurity/plugins pull request 1378), ctr `/NAMESPACE/ID`; CRI-O `crio-ID`, with or without
 * `.scope` (cri-o pull request 812); LXC `lxc.payload.NAME`, before 4.0 `lxc.payload/NAME`, before
 * 3.1 and on Proxmox `lxc/NAME` (lxc issue 2782); systemd-machined `machine-NAME.scope`; libvirt
 * without systemd `NAME.libvirt-qemu` (libvirt.org/cgroups.html); OpenRC `openrc.NAME` (OpenRC
 * pull request 681), with version 1 `NAME` in a hierarchy of its own; Flatpak
 * `app-flatpak-APP-NUMBER.scope` (flatpak pull request 3589; before that without `app-`), where
 * the number is the instance's, or in older versions a process's (flatpak pull request 5962);
 * snapd `snap.NAME.APP-UUID.scope`, before with a dot (`CreateTransientScopeForTracking` in
 * sandbox/cgroup/tracking.go), for a hook `snap.NAME.hook.HOOK-UUID.scope`. firejail and
 * bubblewrap make no groups: sandbox-owner.ts.
 *
 * The innermost container counts: in Docker in Docker, and in nodes of kind. A unit counts only
 * outside of all containers: within one it is the container's own, and the host's `systemctl` does
 * not know it. The monitor of a container (`libpod-conmon-ID`, `lxc.monitor.NAME`) is not in it.
 */
import { decodeName, encodeName } from '../../reference/names.ts';
import { readSmall } from './proc.ts';

/** What a {@link ProcessOwner} is. */
export type ProcessOwnerKind =
  | 'docker'
  | 'podman'
  | 'containerd'
  | 'cri-o'
  | 'container'
  | 'pod'
  | 'lxc'
  | 'machine'
  | 'flatpak'
  | 'snap'
  | 'firejail'
  | 'bubblewrap'
  | 'service'
  | 'scope'
  | 'session';

/** A container or a sandbox, or where there is none a unit of the service manager. */
export interface ProcessOwner {
  /**
   * `docker`, `podman`, `containerd`, `cri-o`: a container of it; `container`: of a runtime that
   * is unknown. `pod`: a pod of Kubernetes, in none of its containers. `lxc`: a container of LXC,
   * LXD or Incus. `machine`: of systemd-machined or libvirt, which may be a virtual machine.
   * `flatpak`, `snap`: a program of it that it has started; `firejail`, `bubblewrap`: a sandbox
   * that it has made the namespace for, told of namespaces and not of processes. `service`,
   * `scope`, `session`: a unit of systemd (`service` also of OpenRC); a session is a login.
   */
  kind: ProcessOwnerKind;
  /**
   * As its tools print it: 12 digits of a container's id, a pod's uid, an application's id, a
   * sandbox's process, a unit with its suffix.
   */
  name: string;
  /**
   * A container's whole id, a pod's uid, the number of an instance, a sandbox's process or a
   * session; null where there is only a name.
   */
  id: string | null;
}

/** The owner of a process; null: none is known, or the process has ended. Every user may ask. */
export function processOwner(pid: number, proc = '/proc'): ProcessOwner | null {
  const text = readSmall(`${proc}/${pid}/cgroup`);
  return text === null ? null : ownerOfCgroup(decodeName(text));
}

/** The owner by the text of a /proc/PID/cgroup, of version 1, 2 or both; null if none. */
export function ownerOfCgroup(text: string): ProcessOwner | null {
  const none: Found = { owner: null, containers: 0 };
  // With version 1 what is nested may have been given some of the hierarchies only.
  const best = pathsOf(text)
    .map(ownerOfPath)
    .reduce((best, found) => {
      const isFirst = best.owner === null && found.owner !== null;
      return isFirst || found.containers > best.containers ? found : best;
    }, none);
  return best.owner;
}

/** An owner, and how many containers are around it, itself included. */
interface Found {
  owner: ProcessOwner | null;
  containers: number;
}

const rank = (controllers: string): number =>
  controllers === 'name=systemd' ? 0 : controllers === '' || controllers.startsWith('name=') ? 1 : 2;

/** The paths of all hierarchies, those first that the service manager writes. */
function pathsOf(text: string): string[] {
  return text
    .split('\n')
    .flatMap((line) => {
      // A path may have colons too.
      const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
      if (controllers === undefined || path === undefined) return [];
      return [
        { rank: rank(controllers), path: controllers === 'name=openrc' ? `/openrc.${path.slice(1)}` : path },
      ];
    })
    .sort((a, b) => a.rank - b.rank)
    .map(({ path }) => path.replace(/ \(deleted\)$/, ''));
}

function ownerOfPath(path: string): Found {
  const names = path.split('/').slice(1);
  let [owner, containers]: [ProcessOwner | null, number] = [null, 0];
  for (const [at, name] of names.entries()) {
    const container = containerOf(names, at);
    const pod = container === null ? podOf(names, at) : null;
    if (container !== null) [owner, containers] = [container, containers + 1];
    // The monitor of a container is in the pod's slice, and outside of the pod.
    else if (pod !== null) owner = names.slice(at + 1).some(isMonitor) ? owner : pod;
    else if (containers === 0 && owner?.kind !== 'pod') owner = unitOf(name, owner) ?? owner;
  }
  return { owner, containers };
}

/**
 * What watches a container, and is not in it (`createUnitName` of Podman, `scopePrefix` of CRI-O).
 */
const isMonitor = (name: string): boolean => /^(?:libpod|crio)-conmon-/.test(name);

const RUNTIMES = {
  docker: 'docker',
  libpod: 'podman',
  'libpod-payload': 'podman',
  'cri-containerd': 'containerd',
  nerdctl: 'containerd',
  crio: 'cri-o',
} as const;
/** `PREFIX-ID`, `PREFIX-ID.scope`, `SLICE:PREFIX:ID`; `crio-conmon` is not among the prefixes. */
const OF_RUNTIME = /^(?:[^:]*:(?=[^:]+:))?([a-z-]+)[-:]([0-9a-f]{64})(?:\.scope)?$/;
const ID = /^[0-9a-f]{64}$/;
/** As containerd checks them. */
const CONTAINERD_ID = /^[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*$/;

const withId = (kind: ProcessOwnerKind, id: string): ProcessOwner => ({ kind, name: id.slice(0, 12), id });
const withName = (kind: ProcessOwnerKind, name: string): ProcessOwner => ({ kind, name, id: null });

function containerOf(names: readonly string[], at: number): ProcessOwner | null {
  const [name, parent] = [names[at] as string, names[at - 1]];
  const [, prefix = '', id] = OF_RUNTIME.exec(name) ?? [];
  if (id !== undefined && Object.hasOwn(RUNTIMES, prefix))
    return withId(RUNTIMES[prefix as keyof typeof RUNTIMES], id);
  const isContainerd = at === 1 && (parent === 'default' || parent === 'k8s.io');
  if (ID.test(name))
    return withId(isContainerd ? 'containerd' : parent === 'docker' ? 'docker' : 'container', name);
  // The ids of ctr are free; a namespace of one's own looks like any other group.
  if (isContainerd && CONTAINERD_ID.test(name)) return { kind: 'containerd', name, id: name };
  const isLxc = parent === 'lxc' || parent === 'lxc.payload';
  const lxc = /^lxc\.payload\.(.+)$/.exec(name)?.[1] ?? (isLxc ? name : '');
  if (lxc !== '') return withName('lxc', lxc);
  const machine = /^(?:machine-(.+)\.scope|systemd-nspawn@(.+)\.service|(.+)\.libvirt-(?:qemu|lxc))$/.exec(
    name,
  );
  const machineName = machine?.slice(1).find((part) => part !== undefined);
  return machineName === undefined ? null : withName('machine', unescape(machineName));
}

/** In the names of slices, where a dash nests, the kubelet writes the uid with underscores. */
function podOf(names: readonly string[], at: number): ProcessOwner | null {
  const name = names[at] as string;
  const uid =
    /(?:^|-)kubepods(?:-burstable|-besteffort)?-pod([0-9a-f_]{32,36})\.slice$/.exec(name)?.[1] ??
    (names.slice(0, at).includes('kubepods') ? /^pod([0-9a-f-]{32,36})$/.exec(name)?.[1] : undefined);
  if (uid === undefined) return null;
  const id = uid.replaceAll('_', '-');
  return { kind: 'pod', name: id, id };
}

const FLATPAK = /^(?:app-)?flatpak-(.+)-(\d+)\.scope$/;
const SNAP = /^snap\.(.+\..+)[-.][0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.scope$/;

function unitOf(name: string, outer: ProcessOwner | null): ProcessOwner | null {
  const openrc = /^openrc\.(.+)$/.exec(name)?.[1];
  if (openrc !== undefined) return withName('service', openrc);
  // systemd puts an underscore before names that the kernel could take for its own files.
  const [, unit, suffix] = /^_?(.+\.(service|scope))$/.exec(name) ?? [];
  // A manager's own group, within the unit that the manager is.
  if (unit === undefined || (unit === 'init.scope' && outer !== null)) return null;
  const session = /^session-(.+)\.scope$/.exec(unit)?.[1];
  if (session !== undefined) return { kind: 'session', name: unit, id: session };
  const [, application, instance = null] = FLATPAK.exec(unit) ?? [];
  if (application !== undefined) return { kind: 'flatpak', name: unescape(application), id: instance };
  const snap = SNAP.exec(unit)?.[1];
  if (snap !== undefined) return withName('snap', unescape(snap));
  return withName(suffix === 'service' ? 'service' : 'scope', unit);
}

/** As systemd escapes a byte in the name of a unit (systemd.unit(5)). */
function unescape(name: string): string {
  const parts = name.split(/\\x([0-9a-f]{2})/);
  return decodeName(
    Buffer.concat(parts.map((part, at) => (at % 2 ? Buffer.from(part, 'hex') : encodeName(part)))),
  );
}
