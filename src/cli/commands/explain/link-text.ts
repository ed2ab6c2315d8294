/**
 * A link for a person: what it is, where that leads in a sentence, and what is known of either end.
 *
 *     blue:eth0  veth  index 2  up
 *     Its other end is (this namespace):veth1a2b, a port of br0 there
 *       in  net:[4026532178]  id 4215
 *       belongs to  docker 4f797c539e6c, PID 4711
 *       addresses  10.0.0.2/24
 *     Where it leads:
 *       (this namespace):veth1a2b  veth  index 9  up
 *       …
 */
import { escaped, shown } from '../../../format/escape.ts';
import { detailsText, endText, nameText, stateText } from '../../../format/link-text.ts';
import type { LabelOf } from '../../../format/link-text.ts';
import { ownerText } from '../../../format/owner-text.ts';
import type { LinkRow } from '../../../format/link-row.ts';
import type { LinkSubject } from './link-subject.ts';
import type { ExplainStyle } from './style.ts';

/** Of ports, and of what stands on it. */
const SHOWN = 20;

export function linkText(subject: LinkSubject, { paint }: ExplainStyle): string {
  const { row, far, ports, carried, labels } = subject;
  const labelOf: LabelOf = (netns) => labels.of(netns);
  const around: [string, string][] = [
    ['ports', listed(ports, ({ link }) => shown(link.name))],
    ['carries', listed(carried, (other) => placeOf(other, labelOf))],
  ];
  return [
    titleOf(row, labelOf),
    paint('yellow', conclusionOf(subject, labelOf)),
    ...written([...factsOf(row), ...around]),
    ...(far === null
      ? []
      : ['Where it leads:', ...[titleOf(far, labelOf), ...written(factsOf(far))].map((line) => `  ${line}`)]),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

/** The first of them. */
function listed(rows: readonly LinkRow[], nameOf: (row: LinkRow) => string): string {
  const more = rows.length > SHOWN ? ` and ${rows.length - SHOWN} more: --json has all` : '';
  return rows.slice(0, SHOWN).map(nameOf).join(', ') + more;
}

const written = (facts: readonly (readonly [string, string])[]): string[] =>
  facts.filter(([, text]) => text !== '').map(([word, text]) => `  ${word}  ${text}`);

const placeOf = ({ entry: { netns }, link: { ifindex, name } }: LinkRow, labelOf: LabelOf): string =>
  endText({ netns, ifindex, name }, labelOf);

function titleOf(row: LinkRow, labelOf: LabelOf): string {
  const { link, known } = row;
  const { kind, ifindex, name } = link;
  if (!known) return `${labelOf(row.entry.netns).shown}:${shown(name)}`;
  const words = [kind === null ? '' : shown(kind), `index ${ifindex}`, stateText(link)];
  return [placeOf(row, labelOf), ...words].filter(Boolean).join('  ');
}

/** Where it leads, in a sentence. */
function conclusionOf({ row, far, ports, carried }: LinkSubject, labelOf: LabelOf): string {
  const { link, known } = row;
  const { peer, peerState, kind } = link;
  if (!known) return 'Only its name is known, from /proc';
  const end = peer === null ? '' : endText(peer, labelOf);
  switch (peerState) {
    case 'paired':
      return `Its other end is ${end}${ofWhom(far)}`;
    case 'one-sided':
      if (peer !== null && peer.ifindex !== null) return `It stands on ${end}${ofWhom(far)}`;
      return peer === null
        ? 'It stands on nothing'
        : `It sends in ${labelOf(peer.netns).shown}, bound to no link there`;
    case 'unpaired':
      return 'Its other end is not there: not yet, or no more';
    case 'closed':
      return `It leads to a namespace that may not be looked into${end === '' ? '' : `: ${end}`}`;
    case 'unknown':
      return `Where it leads is not known: of ${kind === null ? 'this kind' : escaped(kind)} the kernel does not tell, and nobody saw it made`;
    default: {
      const used = [counted(ports.length, 'port'), counted(carried.length, 'link')].filter(Boolean);
      if (ports.length > 0 || carried.length > 0)
        return ports.length > 0
          ? `It connects ${used.join(', and carries ')}`
          : `It carries ${used.join('')}`;
      return 'It leads to no other link';
    }
  }
}

const counted = (count: number, word: string): string =>
  count === 0 ? '' : `${count} ${word}${count === 1 ? '' : 's'}`;

/** Of the far end: what it is a port of, and whose it is. */
function ofWhom(far: LinkRow | null): string {
  if (far === null) return '';
  const { link, masterName, entry } = far;
  const { owner, names, own } = entry.netns;
  const master = link.master === null ? '' : `, a port of ${nameText(masterName, link.master)} there`;
  // Where it has no name its owner is what it is called.
  const whose = owner === null || (names.length === 0 && !own) ? '' : `, of ${ownerText(owner)}`;
  return `${master}${whose}`;
}

function factsOf({ entry, link, known, masterName }: LinkRow): [string, string][] {
  const { netns, addresses } = entry;
  const { namespace, nsid, own, names, owner, pids } = netns;
  const where = [
    namespace === null ? '' : `net:[${namespace.ino}]`,
    namespace === null || namespace.id === null ? '' : `id ${namespace.id}`,
    nsid === null ? '' : `nsid ${nsid}`,
    own ? 'own' : '',
  ];
  const [pid] = pids;
  // Of one's own it is mostly nlink itself.
  const who = own || pid === undefined ? '' : `PID ${pid}`;
  const whose = [owner === null ? '' : ownerText(owner), who];
  const facts: [string, string][] = [
    ['in', where.filter(Boolean).join('  ')],
    ['names', names.map(({ path }) => shown(path)).join(', ')],
    ['belongs to', whose.filter(Boolean).join(', ')],
  ];
  if (!known) return facts;
  const { master, mtu, address, altNames, alias, details, ifindex } = link;
  const found = addresses?.get(ifindex) ?? [];
  return [
    ...facts,
    ['addresses', addresses === null ? '' : found.length === 0 ? 'none' : found.map(escaped).join(', ')],
    ['hardware', [address === null ? '' : escaped(address), `mtu ${mtu}`].filter(Boolean).join(', ')],
    ['master', master === null ? '' : nameText(masterName, master)],
    ['altnames', altNames.map(shown).join(' ')],
    ['alias', alias === null ? '' : shown(alias)],
    ['details', details === null ? '' : detailsText(details)],
  ];
}
