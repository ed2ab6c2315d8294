/** `nlink-fleet watch`: every change on every host, a line each, until a signal. */
import { Output, painter, safeJson, wantsColour } from '../../core.ts';
import type { Paint } from '../../core.ts';
import type { FleetWatcher } from '../../fleet-watcher.ts';
import type { FleetEvent } from '../../reader/fleet-types.ts';
import { openSource } from '../connection.ts';
import { ago } from '../output/ago.ts';
import { eventLine, line } from '../output/event-lines.ts';
import { hostMatcher, HostNames } from '../output/host-names.ts';
import { note } from '../output/notes.ts';
import type { Run } from '../command-run.ts';

/** Events that are there at once are written together, at most so many. */
const BATCH = 256;

export const watch: Run = async ({ options, arguments: args }, io) => {
  const heads = options.has('heads');
  const isMeant = hostMatcher(args.get('host') ?? []);
  const ending = new AbortController();
  const end = (): void => ending.abort();
  const forgetSignals = io.onStop(end);
  const output = new Output(io.stdout, end);
  const forgetReader = io.onReaderGone(output.readerGone);
  let watcher: FleetWatcher | null = null;
  try {
    ({ watcher } = await openSource(options, io, { heads, signal: ending.signal }));
    const all = watcher.hosts();
    const names = new HostNames(all);
    const hosts = all.filter(isMeant);
    const live = hosts.filter(({ state }) => state === 'live').length;
    note(`${hosts.length} hosts, ${live} of them live; watching`, io);
    const paint = painter(wantsColour(io.env, io.stdout.isTTY === true, options.has('no-color')));
    const isShown = (event: FleetEvent): boolean =>
      event.type === 'connection' ||
      (isMeant(event.host) && !(options.has('no-links') && event.type === 'namespaceEvent' && isLink(event)));
    const textOf = options.has('json') ? jsonOf : lineBy(names, paint);
    await follow(watcher, output, (event) => {
      if (event.type !== 'connection') names.know(event.host);
      const text = isShown(event) ? `${textOf(event)}\n` : '';
      if (event.type === 'hostRemoved') names.forget(event.host);
      return text;
    });
    return 0;
  } catch (error) {
    if (ending.signal.aborted && (error as NodeJS.ErrnoException).code === 'ABORT_ERR') return 0;
    throw error;
  } finally {
    forgetSignals();
    forgetReader();
    await watcher?.stop();
  }
};

const isLink = ({ event }: { event: { type: string } }): boolean => /^links?[A-Z]/.test(event.type);

/** Until it ends. @throws what ended it, or the output */
async function follow(
  watcher: FleetWatcher,
  output: Output,
  textOf: (event: FleetEvent) => string,
): Promise<void> {
  for (;;) {
    const first = await watcher.recv();
    if (first === undefined) return;
    let text = textOf(first);
    for (let at = 1; at < BATCH; at++) {
      const next = watcher.tryRecv();
      if (next === undefined) break;
      text += textOf(next);
    }
    await output.write(text);
    if (output.closed) return;
  }
}

/** What `nlink watch --json` prints on the host, with the host; and what happens to hosts. */
function jsonOf(event: FleetEvent): string {
  if (event.type === 'connection') return safeJson(event);
  const { name, id } = event.host;
  const host = { host: name, hostId: id };
  switch (event.type) {
    case 'namespaceEvent': {
      const { type, time, ...fields } = event.event;
      return safeJson({ type, time, ...host, seq: event.seq, ...fields });
    }
    case 'resynced': {
      const { time, reason, complete } = event;
      // `resynced` is what the host's own kernel lost.
      return safeJson({ type: 'hostResynced', time, ...host, reason, complete });
    }
    default: {
      const { state, counts, epoch, heard, duplicate, skew } = event.host;
      const { type, time } = event;
      return safeJson({ type, time, ...host, state, epoch, heard, duplicate, skew, counts });
    }
  }
}

function lineBy(names: HostNames, paint: Paint): (event: FleetEvent) => string {
  return (event) => {
    switch (event.type) {
      case 'connection':
        return line(
          event.time,
          '-',
          event.state,
          event.state === 'live' ? 'green' : 'yellow',
          event.reason ?? '',
          paint,
        );
      case 'namespaceEvent':
        return eventLine(event.event, names.of(event.host), paint);
      case 'resynced':
        return line(
          event.time,
          names.of(event.host),
          'resynced',
          'cyan',
          RESYNCED[event.reason] ?? event.reason,
          paint,
        );
      default:
        return hostLine(event, names.of(event.host), paint);
    }
  };
}

const RESYNCED: Readonly<Record<string, string>> = {
  first: 'all that is there was told at once',
  restart: 'its agent started anew; the differences are above',
  lost: 'events were lost on the way; the differences are above',
  overflow: 'its agent kept no more events; the differences are above',
  timeout: 'its agent does not know whether events arrived; the differences are above',
  refused: 'the server refused events; the differences are above',
  unread: 'more happened than was read here',
};

function hostLine(
  { type, time, host }: Extract<FleetEvent, { type: `host${string}` }>,
  called: string,
  paint: Paint,
): string {
  const { counts, heard } = host;
  const has = `${counts.namespaces} namespaces`;
  switch (type) {
    case 'hostAdded':
      return line(time, called, 'host', 'green', `is there, ${host.state}, with ${has}`, paint);
    case 'hostLive':
      return line(time, called, 'live', 'green', `with ${has}`, paint);
    case 'hostLate':
      return line(time, called, 'late', 'yellow', `not heard of for ${ago(heard)}`, paint);
    case 'hostGone':
      return line(time, called, 'gone', 'red', 'its agent has ended', paint);
    case 'hostRestarted':
      return line(time, called, 'restarted', 'cyan', 'its agent has started anew', paint);
    case 'hostDuplicate':
      return line(time, called, 'duplicate', 'red', 'two agents speak under its key', paint);
    default:
      return line(time, called, 'removed', 'red', 'forgotten', paint);
  }
}
