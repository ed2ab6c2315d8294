/** The {@link Io} of this process: its streams, its signals, the real library. */
import { constants } from 'node:os';
import { containerDirectories } from './containers.ts';
import { namespaceCalls } from './library-calls.ts';
import { Stderr } from './sync-stderr.ts';
import type { Io, StopSignal } from './io.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const satisfies readonly StopSignal[];

export function processIo(): Io {
  return {
    // Only when it is used: Node makes the descriptor non-blocking, and a program that it is passed
    // on to would find it so.
    get stdout() {
      return process.stdout;
    },
    stderr: new Stderr(),
    env: process.env,
    listAndWatch,
    containerDirectories: (named, when) =>
      containerDirectories(process.env, named, when === 'later' ? { proc: null } : {}),
    subscribe,
    openConnection,
    listNamespaces,
    readLinks,
    serve,
    readFile,
    namespaceExists,
    inspector,
    probe,
    calls: namespaceCalls,
    enterNamespace,
    execProgram,
    fleetProgram,
    openRunner,
    onStop,
    onReaderGone,
    now: () => new Date(),
    after,
    startHook,
  };
}

// Loaded only where they are called, so that help and faults of usage load nothing.

const startHook: Io['startHook'] = async (start) => (await import('./hook-process.ts')).startHook(start);

const listAndWatch: Io['listAndWatch'] = async (options) => {
  const { UnifiedNamespaceWatcher } = await import('../../watch/unified/unified-namespace-watcher.ts');
  return UnifiedNamespaceWatcher.listAndWatch(options);
};

const subscribe: Io['subscribe'] = async (options) => {
  const { NamespaceEventSubscriber } = await import('../../watch/ids/namespace-event-subscriber.ts');
  return NamespaceEventSubscriber.open(options);
};

const openConnection: Io['openConnection'] = async (options) => {
  const { NsidClient } = await import('../../netlink/nsid-client.ts');
  return NsidClient.open(options);
};

const listNamespaces: Io['listNamespaces'] = async (options) =>
  (await import('../../netns/names/list.ts')).listNamespaces(options);

const readLinks: Io['readLinks'] = async (request) => (await import('./read-links.ts')).readLinks(request);

const serve: Io['serve'] = async (...args) => (await import('./serve-watcher.ts')).serveWatcher(...args);

const readFile: Io['readFile'] = async (path) => (await import('node:fs')).readFileSync(path, 'utf8');

const namespaceExists: Io['namespaceExists'] = async (name, options) =>
  (await import('../../netns/names/list.ts')).namespaceExists(name, options);

const inspector: Io['inspector'] = async (proc) => (await import('./host-inspector.ts')).hostInspector(proc);

const probe: Io['probe'] = async (proc) => (await import('./probe/host-probe.ts')).hostProbe(proc);

/** Where it cannot be watched (no descriptor is left), the next line will find out. */
const onReaderGone: Io['onReaderGone'] = (listener) => {
  let over = false;
  let end: (() => void) | null = null;
  const watch = async (): Promise<void> => {
    const { onHangup } = await import('../../sys/hangup.ts');
    if (!over) end = onHangup(1, listener);
  };
  watch().catch(() => {});
  return () => {
    over = true;
    end?.();
  };
};
const enterNamespace: Io['enterNamespace'] = async (reference, view) => {
  const { enterForGood } = await import('../../netns/enter/enter.ts');
  const { checkReference } = await import('../../reference/reference.ts');
  const { linux } = await import('../../sys/system.ts');
  return enterForGood(linux(), checkReference('namespace', reference), view);
};

const execProgram: Io['execProgram'] = async (words) =>
  (await import('./exec-program.ts')).execProgram(words);

const fleetProgram: Io['fleetProgram'] = async () => (await import('./fleet-program.ts')).fleetProgram();

const openRunner: Io['openRunner'] = async () => {
  const { openRunner: open } = await import('./runner.ts');
  const { linux } = await import('../../sys/system.ts');
  return open(linux());
};

const after: Io['after'] = (milliseconds, callback) => {
  const timer = setTimeout(callback, milliseconds);
  return () => clearTimeout(timer);
};

/**
 * The second signal ends at once, with the status that a shell gives for it (128 and its number).
 */
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
