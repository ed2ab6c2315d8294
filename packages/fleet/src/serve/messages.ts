/**
 * Messages of the stream besides those of `nlink serve`, as SSE or NDJSON:
 *
 * | message        | what                                                                    |
 * | -------------- | ----------------------------------------------------------------------- |
 * | `snapshot`     | all hosts, and the connection; has an id                                |
 * | `events`       | what happened to hosts and to the connection; has an id                 |
 * | `heard`        | when hosts were heard last, each 5 s: those that were since             |
 * | `hostSnapshot` | all that is on a host that is open                                      |
 * | `hostEvents`   | what happened there                                                     |
 *
 * Those without an id are not told again to whoever comes back: a host that is open begins anew.
 */
import type { Chunks, StreamFormat } from '../core.ts';

type Texts = NonNullable<ConstructorParameters<typeof Chunks>[2]>;

export const hostTexts = (id: string): Texts => ({
  snapshotText: (format, _epoch, _seq, json) =>
    message(
      format,
      'hostSnapshot',
      `{"type":"hostSnapshot","host":${JSON.stringify(id)},"snapshot":${json}}`,
    ),
  eventsText: (format, _epoch, first, events) =>
    message(
      format,
      'hostEvents',
      `{"type":"hostEvents","host":${JSON.stringify(id)},"first":${first},"events":[${events.join(',')}]}`,
    ),
});

export function heardText(format: StreamFormat, heard: Readonly<Record<string, string>>): string {
  const time = new Date().toISOString();
  return message(format, 'heard', JSON.stringify({ type: 'heard', time, heard }));
}

const message = (format: StreamFormat, type: string, json: string): string =>
  format === 'sse' ? `event: ${type}\ndata: ${json}\n\n` : `${json}\n`;
