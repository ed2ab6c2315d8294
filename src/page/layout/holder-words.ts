/**
 * What keeps a namespace alive, a line for each holder, in the words of `nlink explain`. Escaped.
 */
import { escaped, shown } from '../../format/escape.ts';
import { ownerLabel } from '../../netns/processes/owner-label.ts';
import type { Owner } from '../../replay/replay-types.ts';

interface Who {
  readonly pid: number;
  readonly comm: string;
  readonly owner: Owner | null;
}

/** Of an answer of `/v1/namespaces/WORD/holders`, which does not look at sockets. */
export interface Holders {
  readonly processes: readonly (Who & { readonly uid: number | null; readonly threads: readonly number[] })[];
  readonly descriptors: readonly (Who & { readonly fd: number; readonly pathOnly: boolean })[];
  readonly mounts: readonly (Who & { readonly mountNamespace: string | null; readonly mountPoint: string })[];
  readonly watches: readonly (Who & { readonly fd: number; readonly kind: 'inotify' | 'fanotify' })[];
  readonly unseen: Readonly<Record<string, number | boolean>>;
}

/** Of each kind. */
const SHOWN = 20;
const FDS_SHOWN = 8;

export function holderWords({ processes, descriptors, mounts, watches }: Holders): string[] {
  const open = byPid(descriptors).map(([who, all]) => {
    const what = all.length === 1 ? '1 open descriptor' : `${all.length} open descriptors`;
    return `${what} of ${whoIs(who)}: fd ${some(all.map(({ fd, pathOnly }) => (pathOnly ? `${fd} (O_PATH)` : String(fd))))}`;
  });
  const watching = byPid(watches).map(
    ([who, all]) =>
      `a watch (${who.kind}) on its file of ${whoIs(who)}: fd ${some(all.map(({ fd }) => String(fd)))}`,
  );
  return [
    ...limited(processes.map(processWords), 'processes'),
    ...limited(open, 'processes with open descriptors'),
    ...limited(watching, 'processes with watches'),
    ...limited(byPlace(mounts), 'mounts'),
  ];
}

/** What may hold it beside, and was not seen; '': nothing. */
export function unseenWords({ unseen }: Holders): string {
  const { processes = 0, mounts = 0 } = unseen;
  const words = [
    Number(processes) > 0 ? `${processesText(processes)} may not be looked into` : '',
    Number(mounts) > 0 ? `the mounts of ${processesText(mounts)} may not be read` : '',
  ];
  return words.filter(Boolean).join('; ');
}

const processesText = (count: number | boolean): string =>
  `${Number(count)} ${Number(count) === 1 ? 'process' : 'processes'}`;

function processWords({ pid, comm, uid, threads, owner }: Holders['processes'][number]): string {
  const who = owner === null ? '' : `, ${ownerText(owner)}`;
  const only =
    threads.length === 0
      ? ''
      : `, with ${threads.length === 1 ? 'thread' : 'threads'} ${threads.join(', ')} alone`;
  return `process ${pid} (${shown(comm)}), user ${uid ?? '?'}${only}${who}`;
}

/** Mounts on one place are copies of one another, in as many mount namespaces. */
function byPlace(mounts: Holders['mounts']): string[] {
  const places = new Map<string, Holders['mounts'][number][]>();
  for (const mount of mounts) places.set(mount.mountPoint, [...(places.get(mount.mountPoint) ?? []), mount]);
  return [...places.values()].map(([first, ...copies]) => {
    if (first === undefined) return '';
    const where = first.mountNamespace === null ? 'a mount namespace' : `mnt:[${first.mountNamespace}]`;
    const more =
      copies.length === 0 ? '' : `, and ${copies.length} ${copies.length === 1 ? 'copy' : 'copies'} of it`;
    return `mount ${shown(first.mountPoint)} in ${where}, that of ${whoIs(first)}${more}`;
  });
}

function byPid<T extends Who>(found: readonly T[]): (readonly [T, readonly T[]])[] {
  const groups = new Map<number, T[]>();
  for (const one of found) groups.set(one.pid, [...(groups.get(one.pid) ?? []), one]);
  return [...groups.values()].map((group) => [group[0] as T, group]);
}

const some = (fds: readonly string[]): string =>
  `${fds.slice(0, FDS_SHOWN).join(', ')}${fds.length > FDS_SHOWN ? ` and ${fds.length - FDS_SHOWN} more` : ''}`;

const limited = (lines: readonly string[], many: string): readonly string[] =>
  lines.length <= SHOWN ? lines : [...lines.slice(0, SHOWN), `and ${lines.length - SHOWN} more ${many}`];

const whoIs = ({ pid, comm, owner }: Who): string =>
  `PID ${pid}${comm === '' ? '' : ` (${shown(comm)})`}${owner === null ? '' : `, ${ownerText(owner)}`}`;

const ownerText = (owner: Owner): string => escaped(ownerLabel(owner as Parameters<typeof ownerLabel>[0]));
