/**
 * Lines of `nlink watch --ids`, for a person and for a program (docs/command/watch.md).
 *
 *     14:03:09.433  newNsId    nsid 5            in the namespace of nsid 3
 */
import type { NamespaceIdEvent } from '../watch/nsid-events.ts';
import type { Colour, Paint } from './color.ts';
import { safeJson } from './escape.ts';
import { stamped } from './human.ts';

/** An event, or an id that was there at the start. */
export type ToldId = NamespaceIdEvent | { type: 'present'; nsid: number };

const COLOURS: Readonly<Record<ToldId['type'], Colour>> = {
  present: 'dim',
  newNsId: 'green',
  delNsId: 'red',
  resynced: 'cyan',
};

/** Width of the column of ids: that of the greatest. */
const NSID_WIDTH = 'nsid 2147483647'.length;

/** One line, without its newline. */
export function humanIdLine(told: ToldId, time: Date, paint: Paint): string {
  return stamped(time, told.type, COLOURS[told.type], details(told), paint);
}

function details(told: ToldId): string {
  if (told.type === 'resynced') {
    const more = told.complete ? '' : '; there may be more ids, since the kernel did not list them all';
    return `events were lost (${told.reason}); what differed is told above${more}`;
  }
  const known: string[] = [];
  if (told.type === 'newNsId' && told.pid !== undefined) known.push(`pid ${told.pid}`);
  if (told.type === 'newNsId' && told.fd !== undefined) known.push(`fd ${told.fd}`);
  if (told.type !== 'present' && told.origin !== undefined)
    known.push(`in the namespace of nsid ${told.origin}`);
  return [`nsid ${told.nsid}`.padEnd(NSID_WIDTH), ...known].join('  ').trimEnd();
}

/** One line, without its newline. What an event does not have is left out. */
export function jsonIdLine(told: ToldId, time: Date): string {
  const head = { type: told.type, time: time.toISOString() };
  switch (told.type) {
    case 'present':
      return safeJson({ ...head, nsid: told.nsid });
    case 'newNsId':
      return safeJson({ ...head, nsid: told.nsid, pid: told.pid, fd: told.fd, origin: told.origin });
    case 'delNsId':
      return safeJson({ ...head, nsid: told.nsid, origin: told.origin });
    default:
      return safeJson({ ...head, reason: told.reason, complete: told.complete });
  }
}
