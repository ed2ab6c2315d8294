/**
 * Lines of `nlink watch --nsids`, for a person and for a program (docs/command/watch.md).
 *
 *     14:03:09.433  newNsid    nsid 5            in the namespace of nsid 3
 */
import type { NamespaceIdEvent } from '../../../watch/ids/nsid-events.ts';
import type { Colour, Paint } from '../../output/color.ts';
import type { EventRecord } from '../../../format/event-json.ts';
import { stamped } from './text-lines.ts';

/** An event, or an id that was there at the start. */
export type NsidOutputEvent = NamespaceIdEvent | { type: 'present'; nsid: number };

const COLOURS: Readonly<Record<NsidOutputEvent['type'], Colour>> = {
  present: 'dim',
  newNsid: 'green',
  delNsid: 'red',
  resynced: 'cyan',
};

/** Width of the column of ids: that of the greatest. */
const NSID_WIDTH = 'nsid 2147483647'.length;

/** One line, without its newline. */
export function nsidLine(event: NsidOutputEvent, time: string | null, paint: Paint): string {
  return stamped(time, event.type, COLOURS[event.type], details(event), paint);
}

function details(event: NsidOutputEvent): string {
  if (event.type === 'resynced') {
    const more = event.complete ? '' : '; there may be more nsids: the kernel did not list them all';
    return `events were lost (${event.reason}); the differences are above${more}`;
  }
  const known: string[] = [];
  if (event.type === 'newNsid' && event.pid !== undefined) known.push(`pid ${event.pid}`);
  if (event.type === 'newNsid' && event.fd !== undefined) known.push(`fd ${event.fd}`);
  if (event.type !== 'present' && event.origin !== undefined)
    known.push(`in the namespace of nsid ${event.origin}`);
  return [`nsid ${event.nsid}`.padEnd(NSID_WIDTH), ...known].join('  ').trimEnd();
}

/** What a line says, as an object. What an event does not have is undefined, and so left out. */
export function nsidRecordOf(event: NsidOutputEvent, time: string | number | undefined): EventRecord {
  const head = { type: event.type, time };
  switch (event.type) {
    case 'present':
      return { ...head, nsid: event.nsid };
    case 'newNsid':
      return { ...head, nsid: event.nsid, pid: event.pid, fd: event.fd, origin: event.origin };
    case 'delNsid':
      return { ...head, nsid: event.nsid, origin: event.origin };
    default:
      return { ...head, reason: event.reason, complete: event.complete };
  }
}
