/** The {@link Io} of this process: its streams, signals, the real watcher. */
import { constants } from 'node:os';
import { onHangup } from '../sys/hangup.ts';
import type { Io } from './io.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function processIo(): Io {
  const { stdout, stderr, env } = process;
  // A closed stderr is no reason to end.
  stderr.on('error', () => {});
  return { stdout, stderr, env, listAndWatch, onStop, onReaderGone, now: () => new Date() };
}

/** Loaded only now, so that help and faults of usage load nothing. */
const listAndWatch: Io['listAndWatch'] = async (options) => {
  const { NamespaceWatcher } = await import('../watch/namespace-watcher.ts');
  return NamespaceWatcher.listAndWatch(options);
};

const onReaderGone: Io['onReaderGone'] = (listener) => onHangup(1, listener);

/** The second signal ends at once, with the status that a shell gives for it (128 and its number). */
const onStop: Io['onStop'] = (listener) => {
  let asked = false;
  const onSignal = (signal: (typeof SIGNALS)[number]): void => {
    if (asked) process.exit(128 + constants.signals[signal]);
    asked = true;
    listener();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return () => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
};
