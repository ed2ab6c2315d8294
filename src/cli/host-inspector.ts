/** The {@link Inspector} of this machine. */
import { readFileSync, readlinkSync } from 'node:fs';
import { holdNamespace } from '../netns/held.ts';
import { namespaceHolders } from '../netns/holders.ts';
import { findLiving } from '../netns/living.ts';
import { Observer } from '../netns/observe.ts';
import { ownerOf } from '../netns/owner.ts';
import { INITIAL_PID_NAMESPACE } from '../netns/proc.ts';
import { checkReference } from '../reference/reference.ts';
import { inspectionSystem } from '../sys/inspection.ts';
import type { Inspector } from './inspector.ts';

/** @throws NlinkError `ERR_NLINK_UNSUPPORTED_PLATFORM`, `ERR_NLINK_NATIVE_LIBRARY` */
export function hostInspector(): Inspector {
  const system = inspectionSystem();
  return {
    identify(reference) {
      const held = holdNamespace(system, new Observer(system), checkReference('target', reference));
      held.release();
      return held.namespace;
    },
    ownerOf: (path) => ownerOf(system, path),
    find: (directories, isWanted) => findLiving(system, directories, isWanted),
    holders: (namespace) => namespaceHolders({ namespace }),
    own: () => inodeOf('/proc/self/ns/net') ?? 0n,
    initial: () => (linkOf('/proc/self/ns/pid') === INITIAL_PID_NAMESPACE ? inodeOf('/proc/1/ns/net') : null),
    userNames,
  };
}

const inodeOf = (path: string): bigint | null => {
  const ino = /^net:\[(\d+)\]$/.exec(linkOf(path))?.[1];
  return ino === undefined ? null : BigInt(ino);
};

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function userNames(): Map<number, string> {
  const names = new Map<number, string>();
  for (const line of textOf('/etc/passwd').split('\n')) {
    const [name = '', , uid = ''] = line.split(':');
    // The first name of a user counts, as for getpwuid(3).
    if (/^\d+$/.test(uid) && !names.has(Number(uid))) names.set(Number(uid), name);
  }
  return names;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
