/** The {@link Io} of this process: its streams, its signals, the real library. */
import { constants } from 'node:os';
import { containerDirectories } from './containers.ts';
import type { Io } from './io.ts';
import { namespaceCalls } from './namespace-calls.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

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
    inspector,
    probe,
    calls: namespaceCalls,
    onStop,
    onReaderGone,
    now: () => new Date(),
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

const inspector: Io['inspector'] = async () => (await import('./host-inspector.ts')).hostInspector();

const probe: Io['probe'] = async () => (await import('./doctor/host-probe.ts')).hostProbe();

/** Where it cannot be watched (no descriptor is left), the next line will find out. */
const onReaderGone: Io['onReaderGone'] = (listener) => {
  let over = false;
  let end: (() => void) | null = null;
  const watch = async (): Promise<void> => {
    const { onHangup } = await import('../sys/hangup.ts');
    if (!over) end = onHangup(1, listener);
  };
  watch().catch(() => {});
  return () => {
    over = true;
    end?.();
  };
};

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
