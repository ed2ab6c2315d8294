/**
 * Lines for a person: time, what happened, name, what is known of it.
 *
 *     14:03:09.433  created    blue              net:[4026532178]  id 4215
 *
 * Nothing that comes from outside reaches the terminal unescaped (escape.ts).
 */
import type { NamespaceEntry } from '../netns/entry.ts';
import type { NamespaceId } from '../netns/identity.ts';
import type { NotReadyReason } from '../netns/observe.ts';
import type { NamespaceEvent } from '../watch/events.ts';
import type { Colour, Paint } from './color.ts';
import { shown } from './escape.ts';
import { REASONS } from './reasons.ts';

/** What a line is made of. */
export interface HumanStyle {
  paint: Paint;
  /** `readyTimeout` of the watcher, in milliseconds, to name it where it ran out. */
  readyTimeout: number;
}

/** A snapshot's entry as an event like the others. */
type Present = NamespaceEntry & { type: 'present' };
export type Told = NamespaceEvent | Present;

/** Width of the column of names; a longer one pushes the rest to the right. */
const NAME_WIDTH = 16;

/** One line, without its newline. */
export function humanLine(told: Told, time: Date, style: HumanStyle): string {
  const [word, colour, rest] = describe(told, style);
  return stamped(time, word, colour, rest, style.paint);
}

/** The columns of every line: local time, what happened, the rest. */
export function stamped(time: Date, word: string, colour: Colour, rest: string, paint: Paint): string {
  return `${paint('dim', clockTime(time))}  ${paint(colour, word.padEnd('unmounted'.length))}  ${rest}`;
}

/** The word of a line, its colour, and what follows. */
function describe(told: Told, style: HumanStyle): [string, Colour, string] {
  const { paint } = style;
  switch (told.type) {
    case 'present':
    case 'created':
      if (!told.ready)
        return [told.type, 'yellow', named(told.name, paint('yellow', notReady(told.reason, style)))];
      return [
        told.type,
        told.type === 'created' ? 'green' : 'dim',
        named(told.name, identity(told.namespace, paint)),
      ];
    case 'mounted':
      return ['mounted', 'green', named(told.name, identity(told.namespace, paint))];
    case 'unmounted':
      return [
        'unmounted',
        'yellow',
        named(told.name, paint('yellow', 'no namespace any more; its file still stands')),
      ];
    case 'deleted':
      return [
        'deleted',
        'red',
        named(told.name, told.namespace === null ? 'was never ready' : identity(told.namespace, paint)),
      ];
    case 'directoryCreated':
      return ['directory', 'green', `${shown(told.path)} is there`];
    case 'directoryDeleted':
      return ['directory', 'red', `${shown(told.path)} is gone`];
    default:
      return ['resynced', 'cyan', `the kernel lost events (${told.reason}); what differed is told above`];
  }
}

/** The name, in a column that counts characters and not UTF-16 units, and what is known of it. */
function named(name: string, details: string): string {
  const text = shown(name);
  return `${text}${' '.repeat(Math.max(0, NAME_WIDTH - Array.from(text).length))}  ${details}`;
}

/** As `ip netns identify`, `lsns` and `readlink /proc/self/ns/net` write it. */
function identity({ ino, id }: NamespaceId, paint: Paint): string {
  const inode = `net:[${ino}]`;
  return id === null ? inode : `${inode}  ${paint('dim', `id ${id}`)}`;
}

function notReady(reason: NotReadyReason, { readyTimeout }: HumanStyle): string {
  const within = reason !== 'timeout' ? '' : readyTimeout === 0 ? ' yet' : ` within ${readyTimeout} ms`;
  return `not ready (${reason}): ${REASONS[reason]}${within}`;
}

function clockTime(time: Date): string {
  const parts = [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => digits(part, 2));
  return `${parts.join(':')}.${digits(time.getMilliseconds(), 3)}`;
}

const digits = (number: number, width: number): string => String(number).padStart(width, '0');
