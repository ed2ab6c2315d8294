/** What keeps a namespace alive, a line for each holder: what one process has of a kind is one. */
import type { HoldingProcess } from '../../../netns/holders/holders-found.ts';
import type { ProcessOwner } from '../../../netns/processes/process-owner.ts';
import { displayWidth, padToWidth } from '../../output/display-width.ts';
import { escaped, shown } from '../../../format/escape.ts';
import { ownerText } from '../../../format/owner-text.ts';
import type { Explanation } from './explanation.ts';
import type { ExplainStyle } from './style.ts';
import { isName, mountGroups } from './mount-groups.ts';
import type { MountGroup } from './mount-groups.ts';

/** Of each kind of holder so many are shown, unless all are wanted. */
const SHOWN = 20;
/** And of the descriptors in one line. */
const FDS_SHOWN = 8;
/** As much of a command line as is shown, in characters. */
const COMMAND_WIDTH = 60;
/** What systemd keeps in a socket of its own, and what lists the units for which it does. */
const UNITS = [
  'it keeps one for each unit with NetworkNamespacePath= or PrivateNetwork= until the unit is stopped (systemctl stop);',
  "which these are: `systemctl show '*.service' -p Id -p ActiveState -p NetworkNamespacePath -p PrivateNetwork`",
];

interface Who {
  pid: number;
  comm: string;
  owner: ProcessOwner | null;
}

/** Names come last: they are what one knows. */
export function holderLines(explanation: Explanation, style: ExplainStyle): string[] {
  const { processes, descriptors, sockets, inFlight, watches } = explanation.holders;
  const groups = mountGroups(explanation);
  const lines = (kind: string[], many: string): string[] => {
    const rest = kind.length - SHOWN;
    return style.all || rest <= 0
      ? kind
      : [...kind.slice(0, SHOWN), `and ${rest} more ${many}: --all shows them`];
  };
  const ofPid = <T extends Who & { fd: number }>(
    found: readonly T[],
    one: string,
    many: string,
    fdOf = ({ fd }: T): string => String(fd),
  ): string[] => byPid(found).map((some) => fdLine(some, [one, many], fdOf, style.all));
  return [
    ...lines(processLines(processes, explanation), 'processes'),
    ...lines(
      ofPid(descriptors, 'open descriptor', 'open descriptors', ({ fd, pathOnly }) =>
        pathOnly ? `${fd} (O_PATH)` : String(fd),
      ),
      'processes with open descriptors',
    ),
    ...lines(
      [
        ...ofPid(
          sockets.filter(({ kind }) => kind === 'socket'),
          'socket',
          'sockets',
        ),
        ...ofPid(
          sockets.filter(({ kind }) => kind === 'tun'),
          'tun device',
          'tun devices',
        ),
      ],
      'processes with sockets',
    ),
    ...lines(
      byPid(inFlight).map((found) => {
        const [what, queue] =
          found.length === 1 ? ['a descriptor', 'queue'] : [`${found.length} descriptors`, 'queues'];
        const fds = fdsOf(found, ({ fd }) => String(fd), style.all);
        return `${what} in flight to ${whoIs(found[0])}: in the ${queue} of fd ${fds}`;
      }),
      'processes with descriptors in flight',
    ),
    ...(inFlight.some(isServiceManager) ? UNITS.map((line) => `  ${line}`) : []),
    ...(['inotify', 'fanotify'] as const).flatMap((kind) =>
      lines(
        ofPid(
          watches.filter((watch) => watch.kind === kind),
          `${kind} instance that watches its file`,
          `${kind} instances that watch its file`,
        ),
        'processes with watches',
      ),
    ),
    ...lines(
      groups.map((group) => mountLine(group, groups.some(isName), explanation.ownMounts)),
      'mounts',
    ),
  ];
}

const isServiceManager = ({ pid, comm }: Who): boolean => pid === 1 && comm === 'systemd';

function processLines(processes: readonly HoldingProcess[], { userNames }: Explanation): string[] {
  const rows = processes.map(({ pid, uid, comm, command, threads, owner }) => [
    String(pid),
    userOf(uid, userNames),
    commandOf(comm, command),
    [
      threads.length === 0
        ? ''
        : `with ${threads.length === 1 ? 'thread' : 'threads'} ${threads.join(', ')} alone`,
      ofOwner(owner),
    ]
      .filter(Boolean)
      .join('  '),
  ]);
  const widths = [0, 1, 2, 3].map((at) => Math.max(...rows.map((row) => displayWidth(row[at] ?? ''))));
  return rows.map(([pid = '', ...texts]) =>
    [
      `process ${pid.padStart(widths[0] ?? 0)}`,
      ...texts.map((text, at) => padToWidth(text, widths[at + 1] ?? 0)),
    ].join('  '),
  );
}

function commandOf(comm: string, command: readonly string[]): string {
  if (command.length === 0) return shown(comm);
  const characters = Array.from(escaped(command.join(' ')));
  return characters.length <= COMMAND_WIDTH
    ? characters.join('')
    : `${characters.slice(0, COMMAND_WIDTH - 1).join('')}…`;
}

function byPid<T extends Who>(found: readonly T[]): [T, ...T[]][] {
  const groups = new Map<number, [T, ...T[]]>();
  for (const one of found) {
    const group = groups.get(one.pid);
    if (group === undefined) groups.set(one.pid, [one]);
    else group.push(one);
  }
  return [...groups.values()];
}

/**
 * `36 sockets of PID 12 (nginx), service nginx.service: fd 5, 6, 7, 8, 9, 10, 11, 12 and 28 more`.
 */
function fdLine<T extends Who & { fd: number }>(
  found: readonly [T, ...T[]],
  [one, many]: readonly [string, string],
  fdOf: (holder: T) => string,
  all: boolean,
): string {
  const what = `${found.length} ${found.length === 1 ? one : many} of ${whoIs(found[0])}`;
  return `${what}: fd ${fdsOf(found, fdOf, all)}`;
}

function fdsOf<T>(found: readonly T[], fdOf: (holder: T) => string, all: boolean): string {
  const fds = (all ? found : found.slice(0, FDS_SHOWN)).map(fdOf).join(', ');
  const rest = all ? 0 : Math.max(0, found.length - FDS_SHOWN);
  return rest === 0 ? fds : `${fds} and ${rest} more`;
}

function mountLine(group: MountGroup, hasNames: boolean, ownMounts: bigint | null): string {
  const { mount, copies, mountNamespaces } = group;
  const here = ownMounts !== null && mount.mountNamespace === ownMounts;
  const place =
    mount.mountNamespace === null
      ? `in the mount namespace of ${whoIs(mount)}`
      : `in mnt:[${mount.mountNamespace}], that of ${whoIs(mount)}`;
  const where = here ? '' : ` ${place}`;
  const spread = mountNamespaces === 1 ? '' : ` (${mountNamespaces} mount namespaces in all)`;
  const also = copies === 0 ? '' : `, and ${copies} ${copies === 1 ? 'copy' : 'copies'} of it${spread}`;
  const fate = isName(group)
    ? copies === 0
      ? ''
      : copies === 1
        ? ', which goes with the name'
        : ', which go with the name'
    : hasNames
      ? ': stays when the names above are deleted'
      : '';
  return `mount ${shown(mount.mountPoint)}${where}${also}${fate}`;
}

const whoIs = ({ pid, comm, owner }: Who): string => {
  const text = ofOwner(owner);
  return `PID ${pid}${comm === '' ? '' : ` (${shown(comm)})`}${text === '' ? '' : `, ${text}`}`;
};

export const userOf = (uid: number | null, names: ReadonlyMap<number, string>): string =>
  uid === null ? '?' : shown(names.get(uid) ?? String(uid));

/** Nothing where there is none. */
const ofOwner = (owner: ProcessOwner | null): string => (owner === null ? '' : ownerText(owner));
