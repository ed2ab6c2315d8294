import { strict as assert } from 'node:assert';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ownerOfCgroup, processOwner } from '../../../src/netns/processes/process-owner.ts';
import type { ProcessOwner } from '../../../src/netns/processes/process-owner.ts';

const ID = '4f797c539e6c745de61a93ca3ff892358ecbcaccd8414d5db545c38428142970';
const OTHER = 'd6701ec289c56e4391acb11d07474b3139466857a305490575508a8b7a9fcf22';
const UID = '207aaad1-659f-4db8-88e0-46e0cdcc3004';
const SNAP = '0f3c1a2b-1111-4222-8333-444455556666';
const POD = `kubepods-burstable-pod${UID.replaceAll('-', '_')}.slice`;
const KUBEPODS = `/kubepods.slice/kubepods-burstable.slice/${POD}`;
const USER = '/user.slice/user-1000.slice/user@1000.service';

const container = (kind: ProcessOwner['kind'], id = ID): ProcessOwner => ({
  kind,
  name: id.slice(0, 12),
  id,
});
const named = (kind: ProcessOwner['kind'], name: string, id: string | null = null): ProcessOwner => ({
  kind,
  name,
  id,
});

/** Paths of version 2, as they stand after `0::`. */
const PATHS: [path: string, owner: ProcessOwner | null][] = [
  // Docker: with systemd, without it, without root, with a parent of one's own.
  [`/system.slice/docker-${ID}.scope`, container('docker')],
  [`/docker/${ID}`, container('docker')],
  [`${USER}/user.slice/docker-${ID}.scope`, container('docker')],
  [`/build-hosts/${ID}`, container('container')],
  [`/system.slice:docker:${ID}`, container('docker')],
  ['/system.slice/docker.service', named('service', 'docker.service')],
  ['/docker/buildkit/ymi3nkbtbqk4bv5vxo9qh6hzm', null],
  // What runs in a container is the container's, also if it has systemd.
  [`/system.slice/docker-${ID}.scope/init.scope`, container('docker')],
  [`/system.slice/docker-${ID}.scope/system.slice/nginx.service`, container('docker')],
  // Docker in Docker; a node of kind, its kubelet and a pod.
  [`/system.slice/docker-${OTHER}.scope/docker/${ID}`, container('docker')],
  [`/system.slice/docker-${OTHER}.scope/kubelet.slice/kubelet.service`, container('docker', OTHER)],
  [
    `/docker/${OTHER}/kubelet.slice/kubelet-kubepods.slice/kubelet-${POD}/cri-containerd-${ID}.scope`,
    container('containerd'),
  ],
  // Podman: with crun, whose container has a group below; with runc; a user's; without systemd; a
  // pod; in a unit of Quadlet.
  [`/machine.slice/libpod-${ID}.scope/container`, container('podman')],
  [`/machine.slice/libpod-${ID}.scope`, container('podman')],
  [`${USER}/user.slice/libpod-${ID}.scope/container`, container('podman')],
  [`/libpod_parent/libpod-${ID}`, container('podman')],
  [`/machine.slice/machine-libpod_pod_${OTHER}.slice/libpod-${ID}.scope/container`, container('podman')],
  [`/system.slice/nginx.service/libpod-payload-${ID}`, container('podman')],
  ['/system.slice/nginx.service/runtime', named('service', 'nginx.service')],
  [`/machine.slice/libpod-conmon-${ID}.scope`, named('scope', `libpod-conmon-${ID}.scope`)],
  ['/libpod_parent/conmon', null],
  // containerd: Kubernetes, where it and the kubelet disagree about systemd, nerdctl, ctr.
  [`${KUBEPODS}/cri-containerd-${ID}.scope`, container('containerd')],
  [`/system.slice/containerd.service/${POD}:cri-containerd:${ID}`, container('containerd')],
  [`/system.slice/nerdctl-${ID}.scope`, container('containerd')],
  [`/default/${ID}`, container('containerd')],
  [`/k8s.io/${ID}`, container('containerd')],
  ['/default/redis-1', named('containerd', 'redis-1', 'redis-1')],
  ['/elsewhere/redis-1', null],
  ['/default/redis-1/deeper', named('containerd', 'redis-1', 'redis-1')],
  ['/users/default/redis-1', null],
  // CRI-O.
  [`${KUBEPODS}/crio-${ID}.scope/container`, container('cri-o')],
  [`/kubepods/burstable/pod${UID}/crio-${ID}`, container('cri-o')],
  [`${KUBEPODS}/crio-conmon-${ID}.scope`, named('scope', `crio-conmon-${ID}.scope`)],
  [`/docker/${OTHER}/kubepods.slice/${POD}/crio-conmon-${ID}.scope`, container('docker', OTHER)],
  [`/kubepods/pod${UID}/crio-conmon-${ID}`, null],
  // Kubernetes, without a runtime that tells itself; with Docker; the pod alone; pods of files.
  [`/kubepods/besteffort/pod${UID}/${ID}`, container('container')],
  [`/kubepods.slice/${POD}/docker-${ID}.scope`, container('docker')],
  [KUBEPODS, named('pod', UID, UID)],
  [`/kubepods.slice/kubepods-pod${ID.slice(0, 32)}.slice`, named('pod', ID.slice(0, 32), ID.slice(0, 32))],
  [`/kubepods/pod${UID}`, named('pod', UID, UID)],
  [`/docker/${OTHER}/kubepods.slice/${POD}`, named('pod', UID, UID)],
  ['/kubepods.slice/kubepods-besteffort.slice', null],
  [`/somewhere/pod${UID}`, null],
  // LXC, LXD, Incus, Proxmox; what is in it; one in another; the monitor.
  ['/lxc.payload.web', named('lxc', 'web')],
  ['/lxc.payload.web/system.slice/ssh.service', named('lxc', 'web')],
  ['/lxc.payload/web', named('lxc', 'web')],
  ['/lxc/100/ns/init.scope', named('lxc', '100')],
  ['/lxc.payload.outer/lxc.payload.in.ner', named('lxc', 'in.ner')],
  [`/lxc.payload.web/docker/${ID}`, container('docker')],
  ['/lxc.monitor.web', null],
  ['/lxc.monitor/100', null],
  // Machines.
  ['/machine.slice/machine-debian\\x2d12.scope/payload/init.scope', named('machine', 'debian-12')],
  ['/machine.slice/machine-qemu\\x2d1\\x2dvm1.scope/libvirt/emulator', named('machine', 'qemu-1-vm1')],
  ['/machine.slice/systemd-nspawn@build\\x2dbox.service/payload', named('machine', 'build-box')],
  ['/machine.slice/machine-caf\\xc3\\xa9.scope', named('machine', 'café')],
  ['/machine/lxc-1-web.libvirt-lxc', named('machine', 'lxc-1-web')],
  // Units of the system and of users, below their managers, with groups of their own.
  ['/system.slice/system-openvpn.slice/openvpn@office.service', named('service', 'openvpn@office.service')],
  ['/system.slice/docker.service/workers', named('service', 'docker.service')],
  [`${USER}/app.slice/sync.service`, named('service', 'sync.service')],
  [`${USER}/init.scope`, named('service', 'user@1000.service')],
  [`${USER}/app.slice/app-org.gnome.Terminal.slice/vte-spawn-1.scope`, named('scope', 'vte-spawn-1.scope')],
  ['/user.slice/user-0.slice/session-c2.scope', named('session', 'session-c2.scope', 'c2')],
  ['/init.scope', named('scope', 'init.scope')],
  ['/system.slice/_cpu.service', named('service', 'cpu.service')],
  ['/system.slice/a:b.service', named('service', 'a:b.service')],
  ['/system.slice/gone.service (deleted)', named('service', 'gone.service')],
  ['/openrc.sshd', named('service', 'sshd')],
  // Applications of Flatpak: an instance's number, a process's, as before 1.8; with a dash in its id.
  [
    `${USER}/app.slice/app-flatpak-org.gnome.Recipes-273822986.scope`,
    named('flatpak', 'org.gnome.Recipes', '273822986'),
  ],
  [`${USER}/flatpak-org.gnome.Recipes-4711.scope`, named('flatpak', 'org.gnome.Recipes', '4711')],
  [
    `${USER}/app.slice/app-flatpak-com.example.a\\x2db-820257.scope`,
    named('flatpak', 'com.example.a-b', '820257'),
  ],
  [`${USER}/app.slice/flatpak-session-helper.service`, named('service', 'flatpak-session-helper.service')],
  [
    `${USER}/app.slice/app-flatpak-org.gnome.Recipes.scope`,
    named('scope', 'app-flatpak-org.gnome.Recipes.scope'),
  ],
  // Of snapd: an application, as it was before, of root, a hook; a service is a unit.
  [`${USER}/app.slice/snap.firefox.firefox-${SNAP}.scope`, named('snap', 'firefox.firefox')],
  [`${USER}/snap.pkg.app.${SNAP}.scope`, named('snap', 'pkg.app')],
  [`/system.slice/snap.pkg_key.hook.configure-${SNAP}.scope`, named('snap', 'pkg_key.hook.configure')],
  ['/system.slice/snap.lxd.daemon.service', named('service', 'snap.lxd.daemon.service')],
  [`/system.slice/docker-${ID}.scope/snap.pkg.app-${SNAP}.scope`, container('docker')],
  ['/wsl-user/distro-1/systemd/system.slice/cron.service', named('service', 'cron.service')],
  // No unit and no container: the root, slices, what a person made; and what is outside of a cgroup
  // namespace.
  ['/', null],
  ['/..', null],
  ['/../..', null],
  ['/system.slice', null],
  ['/user.slice/user-1000.slice', null],
  ['/by-hand', null],
  [`/by-hand/${ID.slice(1)}`, null],
  [`/by-hand/x-${ID}`, null],
  [`/../docker-${ID}.scope`, container('docker')],
];

test('The owner of a path of version 2', () => {
  for (const [path, owner] of PATHS) assert.deepEqual(ownerOfCgroup(`0::${path}\n`), owner, path);
});

const lines = (...all: string[]): string => all.map((line) => `${line}\n`).join('');

const TEXTS: [what: string, text: string, owner: ProcessOwner | null][] = [
  ['nothing', '', null],
  ['a line that is none', 'docker\n', null],
  [
    'version 1, Docker',
    lines(`12:cpu,cpuacct:/docker/${ID}`, `11:memory:/docker/${ID}`, `1:name=systemd:/docker/${ID}`),
    container('docker'),
  ],
  [
    'version 1, a unit: what systemd wrote, in whatever order, with limits of a session that stay',
    lines(
      '8:pids:/user.slice/user-0.slice/session-1.scope',
      '1:name=systemd:/system.slice/ssh.service',
      '0::/',
    ),
    named('service', 'ssh.service'),
  ],
  [
    'both, Docker without systemd: version 2 was left at its daemon',
    lines(`4:memory:/docker/${ID}`, '1:name=systemd:/system.slice/x.service', '0::/system.slice/x.service'),
    container('docker'),
  ],
  [
    'both, a unit',
    lines('2:cpu,cpuacct:/', '1:name=systemd:/system.slice/cron.service', '0::/system.slice/cron.service'),
    named('service', 'cron.service'),
  ],
  [
    'version 1, a container in a container that was given some of the hierarchies',
    lines(
      `3:memory:/docker/${OTHER}/docker/${ID}`,
      `2:devices:/docker/${OTHER}`,
      `1:name=systemd:/docker/${OTHER}`,
    ),
    container('docker'),
  ],
  ['version 1, OpenRC', lines('2:memory:/', '1:name=openrc:/sshd'), named('service', 'sshd')],
  [
    'version 1, a container of a daemon under OpenRC',
    lines(`2:memory:/docker/${ID}`, '1:name=openrc:/docker'),
    container('docker'),
  ],
  ['version 1, the root of all', lines('2:memory:/', '1:name=systemd:/', '0::/'), null],
  [
    'version 1, something of nobody',
    lines('4:memory:/agents/6f1f6994f337f3c07b51f79a0c784402', '0::/'),
    null,
  ],
];

test('The owner of files of version 1, and of both', () => {
  for (const [what, text, owner] of TEXTS) assert.deepEqual(ownerOfCgroup(text), owner, what);
});

test('Whatever a group is called, there is an answer', () => {
  const part = fc.oneof(
    fc.constantFrom(
      'docker',
      ID,
      'lxc',
      'default',
      '..',
      '\\x2d',
      'machine-',
      '.scope',
      ':',
      '_',
      'kubepods',
    ),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const owner = ownerOfCgroup(`0::/${parts.join('')}\n1:name=systemd:/${parts.join('/')}`);
      assert.ok(owner === null || owner.name !== '');
    }),
  );
});

test('The owner of a process, of whichever /proc', (t) => {
  const proc = mkdtempSync(join(tmpdir(), 'nlink-proc-'));
  t.after(() => rmSync(proc, { recursive: true }));
  mkdirSync(join(proc, '7'));
  writeFileSync(join(proc, '7', 'cgroup'), `0::/system.slice/docker-${ID}.scope\n`);
  assert.deepEqual(processOwner(7, proc), container('docker'));
  assert.equal(processOwner(8, proc), null, 'no such process');
  assert.deepEqual(processOwner(process.pid), ownerOfCgroup(readFileSync('/proc/self/cgroup', 'utf8')));
  // Bytes that are no UTF-8, as names of files have them here.
  writeFileSync(join(proc, '7', 'cgroup'), Buffer.from('0::/lxc.payload.\xff\n', 'latin1'));
  assert.deepEqual(processOwner(7, proc), named('lxc', '\udcff'));
});
