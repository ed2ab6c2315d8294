/**
 * An explanation for a person: what it is, what that comes to, what is known of it, what keeps it
 * alive in a line each, and what could not be seen.
 *
 *     net:[4026532178]  id 4215  nsid 3
 *     1 process and its name keep it alive
 *       names  /var/run/netns/blue
 *     What keeps it alive:
 *       process 4711  root  sleep infinity
 *       mount /run/netns/blue
 */
import type { NamespaceHolders } from '../../../netns/holders/holders-found.ts';
import { shown } from '../../../format/escape.ts';
import { conclusionOf } from './conclusion.ts';
import { ownerText } from '../../../format/owner-text.ts';
import { ownerOf } from './explanation.ts';
import type { Explanation } from './explanation.ts';
import { holderLines, userOf } from './holder-lines.ts';
import { nsidText } from './style.ts';
import type { ExplainStyle } from './style.ts';
import { unseenLines } from '../../output/unseen-holders.ts';

export function asText(explanation: Explanation, style: ExplainStyle): string {
  const holders = holderLines(explanation, style);
  return [
    title(explanation, style),
    style.paint('yellow', conclusionOf(explanation)),
    ...facts(explanation).map(([word, text]) => `  ${word}  ${text}`),
    ...(holders.length === 0 ? [] : ['What keeps it alive:']),
    ...holders.map((line) => `  ${line}`),
    ...unseenLines(explanation.holders.unseen, style),
  ]
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

function title({ namespace, nsid, table, own, initial }: Explanation, { paint }: ExplainStyle): string {
  const words = [
    `net:[${namespace.ino}]`,
    namespace.id === null ? '' : paint('dim', `id ${namespace.id}`),
    nsid === null ? '' : nsidText(nsid, table),
    own ? paint('cyan', 'own') : '',
    initial === true ? paint('cyan', 'initial') : '',
  ];
  return words.filter(Boolean).join('  ');
}

function facts({ namespace, userNamespace, names, userNames, holders }: Explanation): [string, string][] {
  const all: [string, string][] = [
    [
      'names',
      names.length === 0
        ? 'none in the directories searched'
        : names.map(({ path }) => shown(path)).join(', '),
    ],
  ];
  const owner = ownerOf(holders);
  if (owner !== null) all.push(['belongs to', ownerText(owner)]);
  // An inode that nothing but processes refers to is made anew by each look.
  if (isHeld(holders)) all.push(['since', dateOf(namespace.since)]);
  if (userNamespace !== null) {
    const { uid } = userNamespace;
    const user = uid === null ? '' : `, made by ${userOf(uid, userNames)}`;
    all.push(['owned by', `user:[${userNamespace.userNamespace}]${user}`]);
  }
  return all;
}

const isHeld = ({ descriptors, mounts, inFlight, watches }: NamespaceHolders): boolean =>
  descriptors.length + mounts.length + inFlight.length + watches.length > 0;

/** Local time, to the second. */
function dateOf(since: bigint): string {
  const date = new Date(Number(since / 1_000_000n));
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`;
}

const two = (number: number): string => String(number).padStart(2, '0');
