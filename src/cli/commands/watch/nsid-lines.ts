/**
 * Lines of `nlink watch --ids`, for a person and for a program (docs/command/watch.md).
 *
 *     14:03:09.433  newNsid    nsid 5            in the namespace of nsid 3
 */
import type { NamespaceIdEvent } from '../../../watch/ids/nsid-events.ts';
import type { Colour, Paint } from '../../output/color.ts';
import type { EventRecord } from './hook-environment.ts';
import { stamped } from './text-lines.ts';

/** An event, or an id that was there at the start. */
export type ToldId = NamespaceIdEvent | { type: 'present'; nsid: number };

const COLOURS: Readonly<Record<ToldId['type'], Colour>> = {
  present: 'dim',
  newNsid: 'green',
  delNsid: 'red',
  resynced: 'cyan',
};

/** Width of the column of ids: that of the greatest. */
const NSID_WIDTH = 'nsid 2147483647'.length;

/** One line, without its newline. */
export function humanIdLine(told: ToldId, time: string | null, paint: Paint): string {
  return stamped(time, told.type, COLOURS[told.type], details(told), paint);
}

function details(told: ToldId): string {
  if (told.type === 'resynced') {
    const more = told.complete ? '' : '; there may be more ids, since the kernel did not list them all';
    return `events were lost (${told.reason}); what differed is told above${more}`;
  }
  const known: string[] = [];
  if (told.type === 'newNsid' && told.pid !== undefined) known.push(`pid ${told.pid}`);
  if (told.type === 'newNsid' && told.fd !== undefined) known.push(`fd ${told.fd}`);
  if (told.type !== 'present' && told.origin !== undefined)
    known.push(`in the namespace of nsid ${told.origin}`);
  return [`nsid ${told.nsid}`.padEnd(NSID_WIDTH), ...known].join('  ').trimEnd();
}

/** What a line says, as an object. What an event does not have is undefined, and so left out. */
export function idRecordOf(told: ToldId, time: string | number | undefined): EventRecord {
  const head = { type: told.type, time };
  switch (told.type) {
    case 'present':
      return { ...head, nsid: told.nsid };
    case 'newNsid':
      return { ...head, nsid: told.nsid, pid: told.pid, fd: told.fd, origin: told.origin };
    case 'delNsid':
      return { ...head, nsid: told.nsid, origin: told.origin };
    default:
      return { ...head, reason: told.reason, complete: told.complete };
  }
}
