/** `nlink-fleet agent`: publishes what is on this host, until a signal. */
import { shown } from '../../core.ts';
import type { AgentNotice } from '../../agent/notices.ts';
import { natsOptions } from '../connection.ts';
import type { Io } from '../host/io.ts';
import { complain, note } from '../output/notes.ts';
import { print } from '../output/print.ts';
import type { Run } from '../command-run.ts';

export const agent: Run = async ({ options }, io) => {
  const one = (name: string): string | undefined => options.get(name)?.[0];
  const key = await io.hostKey(one('key'));
  if (options.has('print-key')) return print(`${key}\n`, io);
  const nats = await natsOptions(options, io);
  // Also while it starts.
  const stopping = new AbortController();
  const { signal } = stopping;
  const forget = io.onStop(() => stopping.abort());
  try {
    const [name, shard, target] = ['name', 'shard', 'target'].map(one);
    const running = await io.startAgent({
      nats,
      key,
      signal,
      ...(name !== undefined && { name }),
      ...(shard !== undefined && { shard }),
      ...(target !== undefined && { target }),
      directories: (options.get('directory') as [string, ...string[]] | undefined) ?? null,
      links: !options.has('no-links'),
      onNotice: (notice) => {
        // That it closes its own connection is no news.
        if (!signal.aborted || notice.type !== 'disconnected') tell(notice, key, io);
      },
    });
    const error = await running.ended;
    if (error !== null) throw error;
    return 0;
  } catch (error) {
    if (signal.aborted && isAbort(error)) return 0;
    throw error;
  } finally {
    forget();
  }
};

/** Stopped before it was there. */
const isAbort = (error: unknown): boolean => (error as { code?: unknown }).code === 'ABORT_ERR';

/** In a cluster there is none while its servers agree on who leads. */
const missing = (stream: string, how: string): string =>
  `the stream ${stream} ${how}; trying again. If it was never made: nlink-fleet init`;

/** What is wrong is said also with --quiet: nobody reads the output of an agent but then. */
function tell(notice: AgentNotice, key: string, io: Io): void {
  switch (notice.type) {
    case 'connected':
      return note(`connected to ${notice.server}, as ${shown(key)}`, io);
    case 'disconnected':
      return complain(`disconnected: ${notice.reason}; trying again`, io);
    case 'streamMissing':
      return complain(missing(notice.stream, 'is not there, or has no leader yet'), io);
    case 'unanswered':
      return complain(missing(notice.stream, 'is not answered for'), io);
    case 'refused':
      return complain(`refused (${notice.what}): ${notice.reason}`, io);
    case 'restored':
      return note(`${notice.what} takes what is published again`, io);
    case 'resync':
      return note(`a snapshot took the place of events (${notice.reason})`, io);
  }
}
