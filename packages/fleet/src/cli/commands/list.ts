/** `nlink-fleet list`: hosts, and the namespaces on them. */
import { leftAligned, painter, safeJson, wantsColour } from '../../core.ts';
import type { Paint, PageNamespace, WireSnapshot } from '../../core.ts';
import type { FleetHost } from '../../reader/fleet-types.ts';
import type { FleetWatcher } from '../../fleet-watcher.ts';
import { openSource } from '../connection.ts';
import { ago } from '../output/ago.ts';
import { hostMatcher, HostNames } from '../output/host-names.ts';
import { note } from '../output/notes.ts';
import { print } from '../output/print.ts';
import type { Run } from '../command-run.ts';

export const list: Run = async ({ options, arguments: args }, io) => {
  const heads = options.has('heads');
  const words = args.get('host') ?? [];
  const { watcher } = await openSource(options, io, { heads });
  try {
    if (watcher.connection !== 'live') note('not all has been read yet: what follows may lack hosts', io);
    const names = new HostNames(watcher.hosts());
    const nameOf = (host: FleetHost): string => names.of(host);
    const hosts = watcher
      .hosts()
      .filter(hostMatcher(words))
      .sort((a, b) => compare(a.name, b.name) || compare(a.id, b.id));
    if (hosts.length === 0) note(words.length === 0 ? 'no hosts' : 'no such host', io);
    const paint = painter(wantsColour(io.env, io.stdout.isTTY === true, options.has('no-color')));
    const text = options.has('json')
      ? hosts.map((host) => (heads ? jsonLine(host) : namespaceLines(host, watcher))).join('')
      : heads
        ? headsTable(hosts, nameOf, paint)
        : namespacesTable(hosts, nameOf, watcher, paint);
    await print(text, io);
    const late = hosts.filter(({ state }) => state === 'late').length;
    if (late > 0)
      note(`${late} of ${hosts.length} hosts ${late === 1 ? 'is' : 'are'} late: it may be old`, io);
    return 0;
  } finally {
    await watcher.stop();
  }
};

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const jsonLine = (value: object): string => `${safeJson(value)}\n`;

/** A line for each name or nameless namespace, as `nlink list --all --json` has them. */
function namespaceLines(host: FleetHost, watcher: FleetWatcher): string {
  const json = watcher.snapshot(host.id)?.json;
  if (json === undefined) return '';
  const { namespaces } = JSON.parse(json) as WireSnapshot;
  const { name, id, state, picture } = host;
  return namespaces
    .map((row) => jsonLine({ host: name, hostId: id, hostState: state, picture, ...row }))
    .join('');
}

type NameOf = (host: FleetHost) => string;

function headsTable(hosts: readonly FleetHost[], nameOf: NameOf, paint: Paint): string {
  const rows = hosts.map((host) => {
    const { counts, versions, skew } = host;
    return [
      nameOf(host),
      stateOf(host),
      ago(host.heard),
      String(counts.namespaces),
      String(counts.names),
      counts.links === null ? '-' : String(counts.links),
      skew === null || Math.abs(skew) < 1000 ? '-' : ago(skew),
      versions.nlink || '-',
      host.id,
    ];
  });
  const titles = ['HOST', 'STATE', 'HEARD', 'NAMESPACES', 'NAMES', 'LINKS', 'CLOCK', 'NLINK', 'KEY'];
  return table(titles, rows, (at) => hosts[at]?.state, paint);
}

function namespacesTable(
  hosts: readonly FleetHost[],
  nameOf: NameOf,
  watcher: FleetWatcher,
  paint: Paint,
): string {
  const states: FleetHost['state'][] = [];
  const rows = hosts.flatMap((host) => {
    const namespaces = watcher.namespaces(host.id);
    const lines =
      namespaces.length === 0 ? [['-', '-', '-', '-']] : [...namespaces].sort(byName).map(cellsOf);
    return lines.map((cells) => {
      states.push(host.state);
      return [nameOf(host), stateOf(host)].concat(cells);
    });
  });
  return table(['HOST', 'STATE', 'NAME', 'NSID', 'NETNS', 'LINKS'], rows, (at) => states[at], paint);
}

/** That of the host first, then those with a name. */
const byName = (a: PageNamespace, b: PageNamespace): number =>
  rankOf(a) - rankOf(b) || compare(a.label, b.label);
const rankOf = ({ own, names }: PageNamespace): number => (own ? 0 : names.length > 0 ? 1 : 2);

/** The one that the agent is in is, for whoever reads this, that of the host. */
function cellsOf({ own, names, shown, nsid, identity, linksState, links }: PageNamespace): string[] {
  return [
    own && names.length === 0 ? '(host)' : shown,
    nsid === null ? '-' : String(nsid),
    identity === null ? '-' : `net:[${identity.ino}]`,
    linksState === null ? '-' : String(links.size),
  ];
}

function stateOf({ state, heard, duplicate, picture }: FleetHost): string {
  const text = state === 'late' ? `late ${ago(heard)}` : state;
  const more = duplicate ? ', duplicate' : picture === 'pending' ? ', pending' : '';
  return `${text}${more}`;
}

function table(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  stateAt: (at: number) => FleetHost['state'] | undefined,
  paint: Paint,
): string {
  const columns = titles.map((title, at) => leftAligned([title, ...rows.map((row) => row[at] ?? '')]));
  const line = (at: number): string =>
    columns
      .map((column) => column[at])
      .join('  ')
      .trimEnd();
  const body = rows.map((_, at) => {
    const state = stateAt(at);
    return state === 'live' ? line(at + 1) : paint(state === 'late' ? 'yellow' : 'dim', line(at + 1));
  });
  return `${[paint('dim', line(0)), ...body].join('\n')}\n`;
}
