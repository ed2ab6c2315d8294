/** What is said of hosts. Escaped. */
import { escaped } from '../../../../../src/format/escape.ts';
import { countText } from '../../../../../src/page/view/texts.ts';
import type { FleetMessage, HostRow } from './fleet-types.ts';

export const nameText = ({ name }: HostRow): string => (name === '' ? '(no name)' : escaped(name));

export function countsText({ counts }: HostRow): string {
  const { namespaces, names, links } = counts;
  const all = [countText(namespaces, 'namespace'), countText(names, 'name')];
  return [...all, ...(links === null ? [] : [countText(links, 'link')])].join(' · ');
}

/** `4 s`, `3 min`, `2 h`, `5 d`. */
function ageText(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 36 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

export const heardText = ({ heard }: HostRow, serverTime: number): string =>
  `heard ${ageText(serverTime - Date.parse(heard))} ago`;

/** Beyond this a clock is said to be wrong. */
const SKEW = 30_000;

/** What is not as usual with it, in a few words each. */
export function noteTexts(host: HostRow): string[] {
  const { duplicate, skew, malformed, unavailable, picture, state } = host;
  const notes: string[] = [];
  if (duplicate) notes.push('two agents under one key');
  if (skew !== null && Math.abs(skew) > SKEW)
    notes.push(`its clock is ${ageText(Math.abs(skew))} ${skew > 0 ? 'ahead' : 'behind'}`);
  if (malformed > 0) notes.push(countText(malformed, 'malformed message'));
  if (unavailable.length > 0) notes.push(`without ${unavailable.map(escaped).join(', ')}`);
  if (picture === 'pending' && state === 'live') notes.push('being read again');
  return notes;
}

const HAPPENED: Readonly<Record<string, string>> = {
  hostAdded: 'came',
  hostLive: 'is live',
  hostLate: 'is late',
  hostGone: 'is gone',
  hostRestarted: 'has started anew',
  hostDuplicate: 'has two agents',
  hostRemoved: 'is listed no more',
};

/** One sentence for all that happened: who, where they are few; else how many. */
export function happenedText(messages: readonly FleetMessage[]): string {
  const names = new Map<string, Set<string>>();
  let broker = '';
  for (const message of messages) {
    if (message.type === 'connection')
      broker =
        message.state === 'live'
          ? 'the broker is heard again'
          : message.state === 'stale'
            ? 'the broker is not heard: what is shown is approximate'
            : '';
    else if (HAPPENED[message.type] !== undefined) {
      const of = names.get(message.type) ?? new Set();
      names.set(message.type, of.add(nameText(message.host)));
    }
  }
  const parts = [...names].map(([type, of]) =>
    of.size <= 3
      ? `${[...of].join(', ')} ${HAPPENED[type] ?? ''}`
      : `${of.size} hosts: ${HAPPENED[type] ?? ''}`,
  );
  return [broker, ...parts].filter(Boolean).join('; ');
}
