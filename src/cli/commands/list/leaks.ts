/** `nlink list --leaks`: network namespaces that were forgotten, it seems (find-leaks.ts). */
import type { HeldNamespace, HoldingKind } from '../../../netns/holders/holder-census.ts';
import { leftAligned, rightAligned } from '../../output/align.ts';
import { safeJson, shown } from '../../../format/escape.ts';
import { identityFields, located } from '../../../format/json.ts';
import { note, print } from '../../output/output.ts';
import { ownerText } from '../../../format/owner-text.ts';
import { sawAll } from '../../output/unseen-holders.ts';
import type { Io } from '../../host/io.ts';
import { findLeaks } from './find-leaks.ts';
import type { Leak } from './find-leaks.ts';

/** A longer name pushes its line to the right, and not all others. */
const NAME_WIDTH = 40;
const NANOSECONDS = 1_000_000_000n;
const WORDS: Readonly<Record<HoldingKind, string>> = {
  descriptor: 'a descriptor',
  mount: 'a mount',
  socket: 'a socket',
  tun: 'a tun descriptor',
  inFlight: 'a descriptor in flight',
};
const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
];

interface Wanted {
  directories: readonly [string, ...string[]];
  proc: string;
  json: boolean;
}

/** @returns the exit status: 1 if there are any */
export async function listLeaks({ directories, proc, json }: Wanted, io: Io): Promise<number> {
  const inspector = await io.inspector(proc);
  const isComplete = sawAll(await inspector.unseen());
  const leaks = await findLeaks(inspector, { directories, proc, isComplete }, io);
  if (!isComplete)
    note(
      'not everything could be inspected, so what is listed may be in use, and there may be more: run it as root, outside of containers',
      io,
    );
  const now = BigInt(io.now().getTime()) * 1_000_000n;
  if (json) await print(`${safeJson(leaks.map((leak) => asJson(leak, now, isComplete)))}\n`, io);
  else if (leaks.length === 0) note('no leaks', io);
  else {
    await print(columns(leaks, { directory: directories[0], now, isComplete }), io);
    note('what keeps one, and what would end it: nlink explain NAME, or nlink explain NAMESPACE', io);
  }
  return leaks.length === 0 ? 0 : 1;
}

interface LeakStyle {
  /** A name in it stands alone, one in another as its path. */
  directory: string;
  /** In nanoseconds since 1970. */
  now: bigint;
  /** Whether nothing was left out of what can be seen. */
  isComplete: boolean;
}

function columns(leaks: readonly Leak[], { directory, now, isComplete }: LeakStyle): string {
  const cells = [
    leftAligned(['NAME', ...leaks.map((leak) => namesOf(leak, directory))], NAME_WIDTH),
    ...(leaks.some(({ nsid }) => nsid !== null)
      ? [rightAligned(['NSID', ...leaks.map(({ nsid }) => String(nsid ?? '-'))])]
      : []),
    leftAligned([
      'NAMESPACE',
      ...leaks.map(({ namespace }) => (namespace === null ? 'unknown' : `net:[${namespace.ino}]`)),
    ]),
    rightAligned(['ID', ...leaks.map(({ namespace }) => String(namespace?.id ?? '-'))]),
    rightAligned(['AGE', ...leaks.map((leak) => ageText(ageOf(leak, now)))]),
    ['HELD BY', ...leaks.map((leak) => heldBy(leak, isComplete))],
  ];
  const lines = Array.from({ length: leaks.length + 1 }, (_, at) => cells.map((cell) => cell[at]).join('  '));
  return lines.map((line) => `${line}\n`).join('');
}

const namesOf = ({ names }: Leak, directory: string): string =>
  names.length === 0
    ? '-'
    : names.map((at) => shown(at.directory === directory ? at.name : at.path)).join(', ');

/** Seconds since something first held it by its file; null: unknown. */
const ageOf = ({ namespace }: Leak, now: bigint): number | null =>
  namespace === null ? null : Math.max(0, Number((now - namespace.since) / NANOSECONDS));

function ageText(seconds: number | null): string {
  if (seconds === null) return '-';
  for (const [unit, size] of UNITS) if (seconds >= size) return `${Math.floor(seconds / size)}${unit}`;
  return `${seconds}s`;
}

/** One clause for each process. */
function heldBy({ names, holders, namespace }: Leak, isComplete: boolean): string {
  if (namespace === null)
    return isComplete ? 'nothing that can be seen' : 'may be in use: nothing that this user can see';
  if (holders.length === 0)
    return `its ${names.length === 1 ? 'name' : 'names'} alone${isComplete ? '' : ', as far as can be seen'}`;
  const kinds = new Map<number, HeldNamespace['holders']>();
  for (const holder of holders) kinds.set(holder.pid, [...(kinds.get(holder.pid) ?? []), holder]);
  return Array.from(kinds.values(), clause).join('; ');
}

function clause(holders: HeldNamespace['holders']): string {
  const [{ pid, comm, owner }] = holders as [HeldNamespace['holders'][number]];
  const whose = owner === null ? '' : ` of ${ownerText(owner)}`;
  const what = [...new Set(holders.map(({ kind }) => WORDS[kind]))].join(' and ');
  const isMount = holders.every(({ kind }) => kind === 'mount');
  const who = `PID ${pid} (${shown(comm)})${whose}`;
  return isMount ? `a mount that ${who} sees` : `${what} of ${who}`;
}

/** Fields as in the other lists. */
function asJson(leak: Leak, now: bigint, complete: boolean): object {
  const { names, nsid, namespace, holders } = leak;
  return {
    names: names.map(located),
    nsid,
    namespace: identityFields(namespace),
    age: ageOf(leak, now),
    holders: holders.map(({ pid, comm, owner, kind }) => ({ kind, pid, comm, owner })),
    complete,
  };
}
