/** The {@link Io} of this process: its streams, its signals, the real library. */
import { constants } from 'node:os';
import { onHangup } from '../sys/hangup.ts';
import { containerDirectories } from './containers.ts';
import type { Io, StopSignal } from './io.ts';
import { startHook } from './shell.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const satisfies readonly StopSignal[];

export function processIo(): Io {
  const { stdout, stderr, env } = process;
  // A closed stderr is no reason to end.
  stderr.on('error', () => {});
  return {
    stdout,
    stderr,
    env,
    listAndWatch,
    containerDirectories: (named) => containerDirectories(env, named),
    subscribe,
    openConnection,
    listNamespaces,
    namespaceExists,
    onStop,
    onReaderGone,
    now: () => new Date(),
    after,
    startHook,
  };
}

// Loaded only where they are called, so that help and faults of usage load nothing.

const listAndWatch: Io['listAndWatch'] = async (options) => {
  const { UnifiedNamespaceWatcher } = await import('../watch/unified-namespace-watcher.ts');
  return UnifiedNamespaceWatcher.listAndWatch(options);
};

const subscribe: Io['subscribe'] = async (options) => {
  const { NamespaceEventSubscriber } = await import('../watch/namespace-event-subscriber.ts');
  return NamespaceEventSubscriber.open(options);
};

const openConnection: Io['openConnection'] = async (options) => {
  const { Connection } = await import('../netlink/connection.ts');
  return Connection.open(options);
};

const listNamespaces: Io['listNamespaces'] = async (options) =>
  (await import('../netns/list.ts')).listNamespaces(options);

const namespaceExists: Io['namespaceExists'] = async (name, options) =>
  (await import('../netns/list.ts')).namespaceExists(name, options);

const after: Io['after'] = (milliseconds, callback) => {
  const timer = setTimeout(callback, milliseconds);
  return () => clearTimeout(timer);
};

const onReaderGone: Io['onReaderGone'] = (listener) => onHangup(1, listener);

/** The second signal ends at once, with the status that a shell gives for it (128 and its number). */
const onStop: Io['onStop'] = (listener) => {
  let asked = false;
  const onSignal = (signal: (typeof SIGNALS)[number]): void => {
    if (asked) process.exit(128 + constants.signals[signal]);
    asked = true;
    listener(signal);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return () => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
};
