/**
 * Messages of the stream of events, as SSE (HTML standard, 9.2 "Server-sent events") or as NDJSON:
 *
 * | message    | SSE                                         | NDJSON                             |
 * | ---------- | ------------------------------------------- | ---------------------------------- |
 * | `hello`    | `retry:`                                    | -                                  |
 * | `snapshot` | `id`, and all that is there                 | one object with `id` in front      |
 * | `events`   | `id` of the last, and an array of them      | an object each, with its `id`      |
 * | `ping`     | no `id`: nothing has happened               | an object                          |
 * | `busy`     | `retry:`, and the stream ends               | an object                          |
 * | `end`      | the reason, and the stream ends             | an object                          |
 *
 * Events have the fields of `nlink watch --json`. The JSON holds no newline, so it is one `data:`
 * field.
 */
import { cursorText } from './cursor.ts';

export type StreamFormat = 'sse' | 'ndjson';

/** After so many milliseconds a browser comes back. */
const RETRY = 2000;
/** The same where all places are taken. */
const BUSY_RETRY = 15_000;

export const helloText = (format: StreamFormat): string => (format === 'sse' ? `retry: ${RETRY}\n\n` : '');

export function snapshotText(format: StreamFormat, epoch: string, seq: number, json: string): string {
  const id = cursorText({ epoch, seq });
  return format === 'sse'
    ? `event: snapshot\nid: ${id}\ndata: ${json}\n\n`
    : `{"id":"${id}",${json.slice(1)}\n`;
}

/** @param first the number of the first of them */
export function eventsText(
  format: StreamFormat,
  epoch: string,
  first: number,
  events: readonly string[],
): string {
  if (format === 'ndjson')
    return events
      .map((json, at) => `{"id":"${cursorText({ epoch, seq: first + at })}",${json.slice(1)}\n`)
      .join('');
  const id = cursorText({ epoch, seq: first + events.length - 1 });
  return `event: events\nid: ${id}\ndata: [${events.join(',')}]\n\n`;
}

export const pingText = (format: StreamFormat): string =>
  format === 'sse' ? 'event: ping\ndata: {"type":"ping"}\n\n' : '{"type":"ping"}\n';

/** @param limit so many clients are served at once */
export function busyText(format: StreamFormat, limit: number): string {
  const json = `{"type":"busy","limit":${limit},"retry":${BUSY_RETRY}}`;
  return format === 'sse' ? `retry: ${BUSY_RETRY}\nevent: busy\ndata: ${json}\n\n` : `${json}\n`;
}

export function endText(format: StreamFormat, reason: 'stopped' | 'failed'): string {
  const json = `{"type":"end","reason":"${reason}"}`;
  return format === 'sse' ? `event: end\ndata: ${json}\n\n` : `${json}\n`;
}
