/** The {@link Probe} of this machine: gathers facts, judges nothing. */
import { readText } from '../read-text.ts';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { release } from 'node:os';
import { arrivalIn } from '../../../netns/mounts/mount-propagation.ts';
import { MountChanges } from '../../../netns/mounts/mount-changes.ts';
import { listNamespaces } from '../../../netns/names/list.ts';
import { processOwner } from '../../../netns/processes/process-owner.ts';
import { DEFAULT_DIRECTORY, RUN_DIRECTORY } from '../../../reference/directory.ts';
import { cPath, encodeName } from '../../../reference/names.ts';
import { inspectionSystem } from '../../../sys/inspection.ts';
import { refusal } from '../../../sys/permission.ts';
import { pollKind, runtimeName } from '../../../sys/poll-support.ts';
import { emptyStatus } from '../../../sys/stat.ts';
import { linux } from '../../../sys/system.ts';
import { NamespaceWatcher } from '../../../watch/names/namespace-watcher.ts';
import { faultOf } from './fault.ts';
import type { Fault } from './fault.ts';
import { attemptIn } from './try.ts';
import { inotifyFacts } from './inotify.ts';
import { linkFacts } from './links.ts';
import { netlinkFacts } from './netlink.ts';
import { processFacts } from './processes.ts';
import type { DirectoryFacts, FeatureFacts, PlatformFacts, Probe, RightsFacts } from './probe.ts';
import { namespaceCalls } from '../library-calls.ts';
import { judged } from '../name-verdicts.ts';

const OWN_NAMESPACE = '/proc/self/ns/net';

/** @param proc where procfs is mounted */
export function hostProbe(proc: string): Probe {
  return {
    platform,
    directory: (path) => directory(path, proc),
    inotify: () => inotifyFacts(inspectionSystem(), proc),
    netlink: netlinkFacts,
    features,
    processes: () => processFacts(proc),
    links: (directories) => linkFacts(directories, proc),
    rights,
    attempt: attemptIn,
  };
}

function platform(): PlatformFacts {
  const library = faultIn(linux);
  return {
    node: process.versions.node,
    runtime: runtimeName(process.versions),
    platform: process.platform,
    arch: process.arch,
    library,
    wakes: library === null ? faultIn(pollKind) : null,
    kernel: release(),
    proc: isThere(OWN_NAMESPACE, library === null),
    procRefused: refusalIn(() => readdirSync('/proc/self')),
  };
}

/**
 * Asks the kernel, where that works: the runtime may refuse to. What is refused is there, for all
 * that is known.
 */
function isThere(path: string, byKernel: boolean): boolean {
  if (byKernel) return linux().stat(cPath(path), true, emptyStatus()) === 0;
  let there = true;
  return refusalIn(() => (there = existsSync(path))) !== null || there;
}

function faultIn(call: () => unknown): Fault | null {
  try {
    call();
    return null;
  } catch (error) {
    return faultOf(error);
  }
}

/** What the runtime refuses of it; null also where it fails for another reason. */
function refusalIn(call: () => unknown): string | null {
  try {
    call();
    return null;
  } catch (error) {
    return refusal(error);
  }
}

/** By opening a watcher on it, which is what has to work. */
async function directory(path: string, proc: string): Promise<DirectoryFacts> {
  const facts: DirectoryFacts = {
    path,
    fault: null,
    real: realOf(path),
    sameAsRun: path === DEFAULT_DIRECTORY ? sameDirectory(path, RUN_DIRECTORY) : null,
    names: [],
    arrival: await arrivalIn(path, proc),
  };
  try {
    const { namespaces, watcher } = await NamespaceWatcher.listAndWatch({ directory: path, proc });
    await watcher.stop();
    const located = namespaces.map((entry) => Object.assign(entry, { directory: path }));
    facts.names = await judged(located, proc, { calls: namespaceCalls, listNamespaces });
  } catch (error) {
    facts.fault = faultOf(error);
  }
  return facts;
}

function realOf(path: string): string | null {
  try {
    return realpathSync(encodeName(path), { encoding: 'utf8' });
  } catch {
    return null;
  }
}

/**
 * Null where neither is there: then it is the links on the way that count, and they may lead
 * anywhere yet.
 */
function sameDirectory(a: string, b: string): boolean | null {
  const [one, other] = [a, b].map((path) => {
    const status = emptyStatus();
    return linux().stat(cPath(path), true, status) === 0 ? status : null;
  });
  if (!one || !other) return one === other ? null : false;
  return one.dev === other.dev && one.ino === other.ino;
}

function features(): FeatureFacts {
  const system = linux();
  const handle = { id: 0n, type: 0, ino: 0 };
  let mountChanges: FeatureFacts['mountChanges'] = true;
  try {
    new MountChanges(system, () => {}).close();
  } catch (error) {
    mountChanges = faultOf(error).message;
  }
  return { handles: system.namespaceHandle(cPath(OWN_NAMESPACE), handle) === 0, mountChanges };
}

function rights(): RightsFacts {
  const status = readText('/proc/self/status');
  const seccomp = /^Seccomp:\s*(\d+)$/m.exec(status)?.[1];
  const most = /^Max open files\s+(\d+)/m.exec(readText('/proc/self/limits'))?.[1];
  const limit = readText('/proc/sys/user/max_net_namespaces').trim();
  return {
    capabilities: BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`),
    seccomp: seccomp === undefined ? null : Number(seccomp),
    openFiles: { most: most === undefined ? null : Number(most), used: readdirSync('/proc/self/fd').length },
    maxNamespaces: /^\d+$/.test(limit) ? Number(limit) : null,
    owner: processOwner(process.pid),
  };
}
