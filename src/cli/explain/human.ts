/**
 * An explanation for a person: what is known of the namespace, what keeps it alive, and what could not be seen.
 *
 *     net:[4026532178]  id 4215  nsid 3
 *       names  /var/run/netns/blue
 *     What keeps it alive:
 *       1 process in it
 *         4711  root  sleep infinity
 */
import type { NamespaceHolders, UnseenHolders } from '../../netns/holders-found.ts';
import { cellsOf, filled } from '../cells.ts';
import type { Paint } from '../color.ts';
import { escaped, shown } from '../escape.ts';
import type { Explanation } from './explanation.ts';

/** Of each kind of holder so many are shown, unless all are wanted. */
const SHOWN = 20;
/** As much of a command line as is shown, in characters. */
const COMMAND_WIDTH = 60;

export interface ExplainStyle {
  paint: Paint;
  /** Show every holder. */
  all: boolean;
}

export function asText(explanation: Explanation, style: ExplainStyle): string {
  return [
    ...head(explanation, style),
    ...body(explanation, style),
    ...unseenLines(explanation.holders.unseen, style),
  ]
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

function head(explanation: Explanation, { paint }: ExplainStyle): string[] {
  const { namespace, nsid, own, initial, owner, names, userNames } = explanation;
  const title = [
    `net:[${namespace.ino}]`,
    namespace.id === null ? '' : paint('dim', `id ${namespace.id}`),
    nsid === null ? '' : `nsid ${nsid}`,
    own ? paint('cyan', 'own') : '',
    initial === true ? paint('cyan', 'initial') : '',
  ];
  const facts: [string, string][] = [
    [
      'names',
      names.length === 0
        ? 'none in the directories looked at'
        : names.map(({ path }) => shown(path)).join(', '),
    ],
  ];
  // An inode that nothing but processes refers to is made anew by each look.
  if (isHeld(explanation.holders)) facts.push(['since', dateOf(namespace.since)]);
  if (owner !== null) {
    const user = owner.uid === null ? '' : `, made by ${userOf(owner.uid, userNames)}`;
    facts.push(['owner', `user:[${owner.userNamespace}]${user}`]);
  }
  return [title.filter(Boolean).join('  '), ...facts.map(([word, text]) => `  ${word}  ${text}`)];
}

const isHeld = ({ descriptors, mounts, watches }: NamespaceHolders): boolean =>
  descriptors.length + mounts.length + watches.length > 0;

/** Local time, to the second. */
function dateOf(since: bigint): string {
  const date = new Date(Number(since / 1_000_000n));
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`;
}

const two = (number: number): string => String(number).padStart(2, '0');

const userOf = (uid: number | null, names: ReadonlyMap<number, string>): string =>
  uid === null ? '?' : shown(names.get(uid) ?? String(uid));

/** The columns of a descriptor. */
const at = ({ pid, comm, fd }: { pid: number; comm: string; fd: number }): string[] => [
  String(pid),
  shown(comm),
  `fd ${fd}`,
];

function body({ holders, userNames }: Explanation, style: ExplainStyle): string[] {
  const { processes, descriptors, mounts, sockets, watches } = holders;
  const lines = [
    ...section(
      'process in it',
      'processes in it',
      processes,
      style,
      ({ pid, uid, comm, command, threads }) => [
        String(pid),
        userOf(uid, userNames),
        commandOf(comm, command),
        threads.length === 0
          ? ''
          : `with ${threads.length === 1 ? 'thread' : 'threads'} ${threads.join(', ')} alone`,
      ],
    ),
    ...section('open descriptor', 'open descriptors', descriptors, style, (found) => [
      ...at(found),
      found.pathOnly ? 'O_PATH' : '',
    ]),
    ...section('mount', 'mounts', mounts, style, ({ mountPoint, mountNamespace, pid, comm }) => [
      shown(mountPoint),
      mountNamespace === null ? 'in the mount namespace of' : `in mnt:[${mountNamespace}], that of`,
      String(pid),
      shown(comm),
    ]),
    ...section('socket of a process elsewhere', 'sockets of processes elsewhere', sockets, style, (found) => [
      ...at(found),
      found.inode === null ? '/dev/net/tun' : `socket:[${found.inode}]`,
    ]),
    ...section('watch on its file', 'watches on its file', watches, style, (found) => [
      ...at(found),
      found.kind,
    ]),
  ];
  return [
    'What keeps it alive:',
    ...(lines.length === 0 ? ['  nothing that can be seen; it may have ended meanwhile'] : lines),
  ];
}

function section<T>(
  one: string,
  many: string,
  found: readonly T[],
  { paint, all }: ExplainStyle,
  columnsOf: (holder: T) => string[],
): string[] {
  if (found.length === 0) return [];
  const rows = (all ? found : found.slice(0, SHOWN)).map(columnsOf);
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => cellsOf(row[at] ?? ''))));
  const lines = rows.map((row) => row.map((text, at) => aligned(text, widths[at] ?? 0)).join('  '));
  const rest = found.length - rows.length;
  return [
    paint('yellow', `  ${found.length} ${found.length === 1 ? one : many}`),
    ...lines.map((line) => `    ${line}`),
    ...(rest === 0 ? [] : [`    and ${rest} more: --all shows them`]),
  ];
}

/** Numbers to the right, as lsns(8) has them. */
function aligned(text: string, width: number): string {
  return /^\d+$/.test(text) ? text.padStart(width) : filled(text, width);
}

function commandOf(comm: string, command: readonly string[]): string {
  if (command.length === 0) return shown(comm);
  const characters = Array.from(escaped(command.join(' ')));
  return characters.length <= COMMAND_WIDTH
    ? characters.join('')
    : `${characters.slice(0, COMMAND_WIDTH - 1).join('')}…`;
}

function unseenLines(unseen: UnseenHolders, { paint }: ExplainStyle): string[] {
  const lines: string[] = [];
  const say = (text: string): unknown => lines.push(`  ${text}`);
  const { processes, sockets, mounts } = unseen;
  if (processes > 0)
    say(
      `${count(processes, 'process', 'processes')} that this user may not look into: takes CAP_SYS_PTRACE and all capabilities that they have`,
    );
  if (sockets > 0)
    say(
      `the namespaces of ${count(sockets, 'socket', 'sockets')}: takes the right to trace (ptrace(2)) and CAP_NET_ADMIN`,
    );
  if (mounts > 0) say(`the mounts of ${count(mounts, 'process', 'processes')}`);
  if (unseen.hidden) say('processes that /proc hides from this user (hidepid)');
  if (unseen.outside) say('what is outside of this PID namespace: run it on the host');
  if (lines.length === 0) return [];
  return [paint('yellow', 'Not looked at, so that there may be more:'), ...lines];
}

const count = (number: number, one: string, many: string): string => `${number} ${number === 1 ? one : many}`;
