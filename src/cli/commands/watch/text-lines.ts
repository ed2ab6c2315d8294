/**
 * Lines for a person: time, what happened, name, what is known of it.
 *
 *     14:03:09.433  created    blue              net:[4026532178]  id 4215  nsid 3
 *
 * Nothing that comes from outside reaches the terminal unescaped (escape.ts).
 */
import type { NamespaceId } from '../../../netns/identity/identity.ts';
import type { Alive, LocatedName, UnifiedResyncedEvent } from '../../../watch/unified/unified-events.ts';
import type { LinkNamespace } from '../../../watch/links/link-types.ts';
import { padToWidth } from '../../output/display-width.ts';
import type { Colour, Paint } from '../../output/color.ts';
import { shown } from '../../../format/escape.ts';
import { ownerText } from '../../../format/owner-text.ts';
import { labelOf } from '../../../format/namespace-label.ts';
import type { NamespaceLabel } from '../../../format/namespace-label.ts';
import { describeLink } from './link-lines.ts';
import { isLinkOutput } from '../../../format/output-event.ts';
import type { LackEvent, LinkOutputEvent, OutputEvent } from '../../../format/output-event.ts';
import { whyOf } from '../../output/verdict-text.ts';
import type { NotReadyName } from '../../output/verdict-text.ts';

/** What a line is made of. */
export interface TextStyle {
  paint: Paint;
  /** `readyTimeout` of the watcher, in milliseconds, to name it where it ran out. */
  readyTimeout: number;
  /** Those that are watched. A name in the first stands alone, one in another as its path. */
  directories: readonly string[];
}

/**
 * Width of the column of names, with one directory and with several; a longer one pushes the rest
 * to the right.
 */
const NAME_WIDTH = 16;
const PATH_WIDTH = 32;

/** What has a line. Of what is not available a note on stderr tells. */
export type LineEvent = Exclude<OutputEvent, LackEvent>;

/**
 * One line, without its newline.
 * @param time null: the line has none
 */
export function textLine(event: LineEvent, time: string | null, style: TextStyle): string {
  const [word, colour, rest] = isLinkOutput(event) ? ofLink(event, style) : describe(event, style);
  return stamped(time, word, colour, rest, style.paint);
}

/** The columns of every line: the time, what happened, the rest. */
export function stamped(
  time: string | null,
  word: string,
  colour: Colour,
  rest: string,
  paint: Paint,
): string {
  const stamp = time === null ? '' : `${paint('dim', time)}  `;
  return `${stamp}${paint(colour, word.padEnd('unmounted'.length))}  ${rest}`;
}

function ofLink(event: LinkOutputEvent, style: TextStyle): [string, Colour, string] {
  const label = (netns: LinkNamespace): NamespaceLabel => labelOf(netns, style.directories[0] ?? '');
  const [word, colour, details] = describeLink(event, label);
  return [word, colour, columns(label(event.netns).shown, details, style)];
}

type OtherEvent = Exclude<LineEvent, LinkOutputEvent>;

/** The word of a line, its colour, and what follows. */
function describe(event: OtherEvent, style: TextStyle): [string, Colour, string] {
  const { paint } = style;
  switch (event.type) {
    case 'present':
    case 'created': {
      const own = event.type === 'present' && event.own ? paint('cyan', 'own') : '';
      if (event.name === null)
        return ['present', 'dim', row([], [...identity(event, paint), own, ...inhabitants(event)], style)];
      if (!event.ready)
        return [event.type, 'yellow', row([event], [paint('yellow', notReady(event, style))], style)];
      const known = [...identity(event, paint), own, ...inhabitants(event)];
      return [event.type, event.type === 'created' ? 'green' : 'dim', row([event], known, style)];
    }
    case 'mounted':
      return ['mounted', 'green', row([event], identity(event, paint), style)];
    case 'unmounted': {
      const left = [life(event.alive, paint), paint('yellow', 'its file remains')];
      const known = [...identity(event, paint), left.filter(Boolean).join('; ')];
      return ['unmounted', 'yellow', row([event], known, style)];
    }
    case 'deleted': {
      const known = event.namespace === null ? ['no namespace was seen on it'] : identity(event, paint);
      return ['deleted', 'red', row([event], [...known, life(event.alive, paint)], style)];
    }
    case 'nsidAssigned':
      return ['assigned', 'green', row(event.names, identity(event, paint), style)];
    case 'found':
      return ['found', 'green', row([], [...identity(event, paint), ...inhabitants(event)], style)];
    case 'destroyed':
      return [
        'destroyed',
        'red',
        row(event.names, [...identity(event, paint), ...inhabitants(event)], style),
      ];
    case 'directoryCreated':
      return ['directory', 'green', `${shown(event.path)} is there`];
    case 'directoryDeleted':
      return ['directory', 'red', `${shown(event.path)} is gone`];
    default:
      return ['resynced', 'cyan', loss(event)];
  }
}

/** The names, in a column of their own, and what is known of them. */
function row(names: readonly LocatedName[], details: readonly string[], style: TextStyle): string {
  const { directories } = style;
  const texts = names.map(({ name, path, directory }) => shown(directory === directories[0] ? name : path));
  return columns(texts.length === 0 ? '-' : texts.join(', '), details, style);
}

function columns(text: string, details: readonly string[], { directories }: TextStyle): string {
  const width = directories.length > 1 ? PATH_WIDTH : NAME_WIDTH;
  return [padToWidth(text, width), ...details.filter((detail) => detail !== '')].join('  ');
}

/**
 * As `ip netns identify`, `lsns` and `readlink /proc/self/ns/net` write it; the kernel's number of
 * it; its id here.
 */
function identity(
  { namespace, nsid }: { namespace: NamespaceId | null; nsid: number | null },
  paint: Paint,
): string[] {
  if (namespace === null) return [nsidOf({ nsid })];
  const { ino, id } = namespace;
  return [`net:[${ino}]`, id === null ? '' : paint('dim', `id ${id}`), nsidOf({ nsid })];
}

const nsidOf = ({ nsid }: { nsid: number | null }): string => (nsid === null ? '' : `nsid ${nsid}`);

/** Whose it is, and a process in it. */
function inhabitants(event: OtherEvent): string[] {
  if (!('pids' in event)) return [];
  const { pids, owner, loOnly, number, namespace, nsid } = event;
  const [pid] = pids ?? [];
  // One that only a link leads to has nothing else.
  const isOwn = 'own' in event && event.own;
  const isBare =
    !isOwn && namespace === null && nsid === null && pid === undefined && typeof number === 'number';
  return [
    isBare ? `number:${number}` : '',
    owner === undefined || owner === null ? '' : ownerText(owner),
    pid === undefined ? '' : `PID ${pid}`,
    loOnly === true ? 'only lo' : '',
  ];
}

/** What becomes of a namespace that loses a name; nothing where nobody knows. */
function life(alive: Alive, paint: Paint): string {
  if (alive === null) return '';
  return alive ? paint('yellow', 'lives on') : paint('dim', 'is gone');
}

function notReady(event: NotReadyName, { readyTimeout }: TextStyle): string {
  const { reason } = event;
  const within =
    reason !== 'timeout' ? '' : readyTimeout === 0 ? ' yet' : ` within ${readyTimeout} ms; it may still come`;
  return `not ready (${reason}): ${whyOf(event)}${within}`;
}

function loss({ lost, complete }: UnifiedResyncedEvent): string {
  const more = complete ? '' : '; there may be more nsids: the kernel did not list them all';
  return `the kernel lost events of ${lost.join(' and ')}; the differences are above${more}`;
}
