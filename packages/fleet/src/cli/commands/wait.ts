/** `nlink-fleet wait`: until a host has a namespace of a name, or no longer. */
import { constants } from 'node:os';
import { durationOf, UsageError } from '../../core.ts';
import type { FleetWatcher } from '../../fleet-watcher.ts';
import type { FleetEvent, FleetHost } from '../../reader/fleet-types.ts';
import { openSource } from '../connection.ts';
import type { StopSignal } from '../host/io.ts';
import { hostMatcher } from '../output/host-names.ts';
import { note } from '../output/notes.ts';
import { TIMED_OUT } from '../spec/shared.ts';
import type { Run } from '../command-run.ts';

interface Wanted {
  isHost: (host: FleetHost) => boolean;
  /** Null: the host itself. */
  name: string | null;
  gone: boolean;
}

export const wait: Run = async ({ options, arguments: args }, io) => {
  const word = args.get('what')?.[0] as string;
  const slash = word.indexOf('/');
  const [host, name] = slash < 0 ? [word, null] : [word.slice(0, slash), word.slice(slash + 1)];
  if (host === '' || name === '') throw new UsageError(`HOST/NAME needs both: node-1/blue`);
  const wanted: Wanted = { isHost: hostMatcher([host]), name, gone: options.has('gone') };
  const text = options.get('timeout')?.[0];
  const timeout = text === undefined ? null : durationOf(text, '--timeout');
  const ending = new AbortController();
  let signal: StopSignal | 'timeout' | null = null;
  const stop = (why: StopSignal | 'timeout'): void => {
    signal ??= why;
    ending.abort();
  };
  const forget = io.onStop(stop);
  const cancel = timeout === null ? () => {} : io.after(timeout, () => stop('timeout'));
  try {
    const { watcher } = await openSource(options, io, { heads: name === null, signal: ending.signal });
    await until(wanted, watcher);
    return 0;
  } catch (error) {
    const why = signal as StopSignal | 'timeout' | null;
    if (why === null) throw error;
    if (why !== 'timeout') return 128 + constants.signals[why];
    note(`timed out: ${word} is ${wanted.gone ? 'still there, or not known to be gone' : 'not there'}`, io);
    return Number(TIMED_OUT[0]);
  } finally {
    cancel();
    forget();
  }
};

/** Done when it is so. @throws when the watcher ends before */
async function until(wanted: Wanted, watcher: FleetWatcher): Promise<void> {
  try {
    let isMet = met(wanted, watcher);
    while (!isMet) {
      let event = await watcher.recv();
      if (event === undefined) throw new Error('the fleet is read no more');
      // After all that came at once: to look costs more where a pattern means many hosts.
      let isConcerned = false;
      for (; event !== undefined; event = watcher.tryRecv()) isConcerned ||= concerns(event, wanted);
      if (isConcerned) isMet = met(wanted, watcher);
    }
  } finally {
    await watcher.stop();
  }
}

const concerns = (event: FleetEvent, { isHost }: Wanted): boolean =>
  event.type === 'connection' || isHost(event.host);

function met({ isHost, name, gone }: Wanted, watcher: FleetWatcher): boolean {
  // What is not known for sure is neither there nor gone.
  if (watcher.connection !== 'live') return false;
  const hosts = watcher.hosts().filter((host) => isHost(host));
  if (name === null)
    return gone ? hosts.every(({ state }) => state !== 'live') : hosts.some(({ state }) => state === 'live');
  const known = hosts.filter(({ state, picture }) => state === 'live' && picture === 'current');
  const has = ({ id }: FleetHost): boolean =>
    watcher.namespaces(id).some(({ names }) => names.some((one) => one.name === name && one.ready));
  return gone ? known.length > 0 && known.length === hosts.length && !known.some(has) : known.some(has);
}
