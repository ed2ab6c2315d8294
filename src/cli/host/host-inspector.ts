/** The {@link Inspector} of this machine. */
import { readText } from './read-text.ts';
import { readlinkSync, realpathSync } from 'node:fs';
import { holdNamespace } from '../../netns/identity/held.ts';
import { findUnseen, namespaceHolders } from '../../netns/holders/holders.ts';
import { holderCensus } from '../../netns/holders/holder-census.ts';
import { discover } from '../../netns/holders/discover.ts';
import { Observer } from '../../netns/identity/observe.ts';
import { ownerOf } from '../../netns/identity/owner.ts';
import { procfsAt } from '../../netns/processes/procfs.ts';
import { decodeName, encodeName } from '../../reference/names.ts';
import { checkReference } from '../../reference/reference.ts';
import { inspectionSystem } from '../../sys/inspection.ts';
import type { Inspector } from './inspector.ts';

/**
 * @param proc where procfs is mounted
 * @throws NlinkError `ERR_NLINK_UNSUPPORTED_PLATFORM`, `ERR_NLINK_NATIVE_LIBRARY`
 */
export function hostInspector(proc: string): Inspector {
  const system = inspectionSystem();
  return {
    identify(reference) {
      const held = holdNamespace(
        system,
        new Observer(system),
        checkReference('target', reference, undefined, proc),
      );
      held.release();
      return held.namespace;
    },
    ownerOf: (path) => ownerOf(system, path),
    find: (directories, isWanted) => discover(system, directories, isWanted, proc),
    census: (directories, onLead) => holderCensus(system, directories, proc, onLead),
    holders: (namespace) => namespaceHolders({ namespace }, { proc }),
    unseen: () => findUnseen(system, proc),
    own: () => inodeOf('/proc/self/ns/net') ?? 0n,
    ownMounts: () => inodeOf('/proc/self/ns/mnt'),
    realPath,
    initial: () => (procfsAt(proc).initial === true ? inodeOf(`${proc}/1/ns/net`) : null),
    userNames,
  };
}

const inodeOf = (path: string): bigint | null => {
  const ino = /^(?:net|mnt):\[(\d+)\]$/.exec(linkOf(path))?.[1];
  return ino === undefined ? null : BigInt(ino);
};

function realPath(directory: string): string {
  try {
    return decodeName(realpathSync.native(encodeName(directory), { encoding: 'buffer' }));
  } catch {
    return directory;
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function userNames(): Map<number, string> {
  const names = new Map<number, string>();
  for (const line of readText('/etc/passwd').split('\n')) {
    const [name = '', , uid = ''] = line.split(':');
    // The first name of a user counts, as for getpwuid(3).
    if (/^\d+$/.test(uid) && !names.has(Number(uid))) names.set(Number(uid), name);
  }
  return names;
}
