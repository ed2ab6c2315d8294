/**
 * Lines for a person, of events as they come over the wire: time, host, what happened, the name,
 * what is known of it. Nothing of it reaches the terminal unescaped.
 *
 *     14:03:09.433  node-1  created    blue  net:[4026532178]  nsid 3
 */
import { padToWidth, shown } from '../../core.ts';
import type { Colour, Paint, WireEvent, WireLink } from '../../core.ts';

const HOST_WIDTH = 12;
const WORD_WIDTH = 'unmounted'.length;
const NAME_WIDTH = 16;

const WORDS: Readonly<Record<string, readonly [word: string, colour: Colour]>> = {
  created: ['created', 'green'],
  mounted: ['mounted', 'green'],
  unmounted: ['unmounted', 'yellow'],
  deleted: ['deleted', 'red'],
  destroyed: ['destroyed', 'red'],
  found: ['found', 'green'],
  nsidAssigned: ['assigned', 'green'],
  linkAdded: ['link', 'green'],
  linkChanged: ['link', 'cyan'],
  linkMoved: ['link', 'cyan'],
  linkRemoved: ['link', 'red'],
};

/** One line, without its newline. @param time ISO 8601 */
export function line(
  time: string,
  host: string,
  word: string,
  colour: Colour,
  rest: string,
  paint: Paint,
): string {
  const text = `${paint('dim', clock(time))}  ${padToWidth(host, HOST_WIDTH)}  ${paint(colour, word.padEnd(WORD_WIDTH))}`;
  return `${text}  ${rest}`.trimEnd();
}

export function eventLine(event: WireEvent, host: string, paint: Paint): string {
  const [word, colour] = WORDS[event.type] ?? [shown(event.type), 'cyan'];
  return line(event.time, host, word, colour, restOf(event), paint);
}

function restOf(event: WireEvent): string {
  const { type, link, lost, reason } = event;
  if (type === 'resynced')
    return `events of ${(lost ?? []).map(shown).join(' and ')} were lost in its kernel`;
  if (type.endsWith('Unavailable')) return shown(reason ?? '');
  if (type.startsWith('directory')) return shown(event.path ?? '');
  const where = padToWidth(namesOf(event), NAME_WIDTH);
  return link === undefined ? `${where}  ${known(event)}` : `${where}  ${ofLink(event, link)}`;
}

function namesOf({ name, names, own, namespace }: WireEvent): string {
  if (name !== undefined) return shown(name);
  if (names !== undefined && names.length > 0) return names.map((one) => shown(one.name)).join(', ');
  if (own === true) return '(host)';
  return namespace === null || namespace === undefined ? '-' : `net:[${shown(namespace.ino)}]`;
}

function known({ namespace, nsid, ready, reason, alive, owner, pids }: WireEvent): string {
  return [
    ready === false ? `not ready (${shown(reason ?? '')})` : '',
    namespace === null || namespace === undefined ? '' : `net:[${shown(namespace.ino)}]`,
    nsid === null || nsid === undefined ? '' : `nsid ${nsid}`,
    alive === true ? 'lives on' : alive === false ? 'is gone' : '',
    owner === null || owner === undefined ? '' : `${shown(owner.kind)} ${shown(owner.name)}`,
    pids?.[0] === undefined ? '' : `PID ${pids[0]}`,
  ]
    .filter((text) => text !== '')
    .join('  ');
}

function ofLink({ type, changed, from }: WireEvent, link: WireLink): string {
  const { name, kind, peer, up } = link;
  const peerText = peer === null ? '' : `peer ${shown(peer.netns)}:${shown(peer.name ?? `#${peer.ifindex}`)}`;
  const did =
    type === 'linkAdded'
      ? 'added'
      : type === 'linkRemoved'
        ? 'removed'
        : type === 'linkMoved'
          ? `moved here, was ${shown(from?.name ?? '')}`
          : `changed: ${(changed ?? []).map(shown).join(', ')}`;
  const state = up === null ? '' : up ? 'up' : 'down';
  return [shown(name), did, kind === null ? '' : shown(kind), state, peerText]
    .filter((text) => text !== '')
    .join('  ');
}

const two = (number: number): string => String(number).padStart(2, '0');

/** By the clock of the host, told in the time zone here. */
function clock(time: string): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return '--:--:--.---';
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two);
  return `${parts.join(':')}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
