/** A process made of arguments: streams, signals and a watcher that the test holds in its hands. */
import { Writable } from 'node:stream';
import type { ContainerDirectories } from '../../../src/cli/host/containers.ts';
import type {
  EventSource,
  NsidConnection,
  NsidEventSource,
  Io,
  ListAndWatch,
  LifeSource,
  StopSignal,
} from '../../../src/cli/host/io.ts';
import type { Serve, Served } from '../../../src/cli/host/serve.ts';
import type { LinksFound, LinksRequest } from '../../../src/cli/host/links.ts';
import { namespaceCalls } from '../../../src/cli/host/library-calls.ts';
import type { NameVerdict } from '../../../src/netns/diagnosis/verdict.ts';
import { verdictOf } from './verdict.ts';
import type { NamespaceCalls } from '../../../src/cli/host/library-calls.ts';
import type { View } from '../../../src/netns/enter/enter.ts';
import type { OverlayFault } from '../../../src/netns/enter/etc-overlay.ts';
import type { HookEnd, HookProcess, HookStart } from '../../../src/cli/host/hook-process.ts';
import type { UnseenProcesses } from '../../../src/netns/processes/process-scan.ts';
import type { NamespaceEntry } from '../../../src/netns/names/entry.ts';
import { joinPath } from '../../../src/reference/names.ts';
import type { NamespaceReference } from '../../../src/reference/reference.ts';
import { systemError } from '../../../src/sys/errno.ts';
import type { Ending } from '../../../src/sys/program.ts';
import type {
  NamespaceEventSubscriberOptions,
  NamespaceIdEvent,
} from '../../../src/watch/ids/nsid-events.ts';
import type {
  InventoryEntry,
  UnifiedEvent,
  UnifiedNamespaceWatcherOptions,
} from '../../../src/watch/unified/unified-events.ts';
import { FakeConnection } from './fake-connection.ts';
import { FakeInspector } from './fake-inspector.ts';
import { FakeProbe } from './fake-probe.ts';
import { FakeRunner } from './fake-runner.ts';

/** Tells what the test gives it. */
class FakeSource<Event> implements EventSource<Event> {
  stops = 0;
  /** How many events were taken. */
  taken = 0;
  readonly #events: Event[] = [];
  #wake: () => void = () => {};
  #error: Error | null = null;

  push(...events: Event[]): void {
    this.#events.push(...events);
    this.#wake();
  }

  fail(error: Error): void {
    this.#error = error;
    this.#wake();
  }

  async recv(): Promise<Event | undefined> {
    for (;;) {
      const event = this.tryRecv();
      if (event !== undefined) return event;
      if (this.#error !== null) throw this.#error;
      if (this.stops > 0) return undefined;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  tryRecv(): Event | undefined {
    const event = this.#events.shift();
    if (event !== undefined) this.taken++;
    return event;
  }

  async stop(): Promise<void> {
    this.stops++;
    // What waits is lost, which is the harder case.
    this.#events.length = 0;
    this.#wake();
  }
}

/** A watcher of namespaces. */
export class FakeWatcher extends FakeSource<UnifiedEvent> implements LifeSource {
  missing: string[] = [];
  isWatchingNsids = true;
  isWatchingDeaths = false;
  deathsError: Error | null = null;
  linksError: Error | null = null;
  /** By a process in the namespace. */
  readonly processes: Map<number, InventoryEntry> = new Map();
  /** Whether all ids are known; null: ids are not watched. */
  complete: boolean | null = true;

  missingDirectories(): string[] {
    return this.missing;
  }

  entryOfProcess(pid: number): InventoryEntry | null {
    return this.processes.get(pid) ?? null;
  }

  /** What was not seen of processes; null: nobody looked. */
  unseen: UnseenProcesses | null = null;

  stats(): ReturnType<LifeSource['stats']> {
    const processes = this.unseen === null ? null : { unseen: this.unseen };
    return { nsids: this.complete === null ? null : { complete: this.complete }, processes };
  }
}

/** A subscriber to ids. */
export class FakeSubscriber extends FakeSource<NamespaceIdEvent> implements NsidEventSource {
  /** Those that are assigned at the start. */
  present: number[] = [];
  complete = true;

  nsids(): number[] {
    return this.present;
  }

  stats(): { complete: boolean } {
    return { complete: this.complete };
  }
}

/** A stream that keeps what it gets, and takes it only while `open`. */
export class Sink extends Writable {
  text = '';
  isTTY = false;
  #held: (() => void) | null = null;
  #open = true;

  get lines(): string[] {
    return this.text.split('\n').slice(0, -1);
  }

  set open(open: boolean) {
    this.#open = open;
    if (open) this.#held?.();
  }

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    const take = (): void => {
      this.#held = null;
      this.text += String(chunk);
      callback();
    };
    if (this.#open) take();
    else this.#held = take;
  }
}

/** A hook that ends when the test says so. */
export class FakeHook implements HookProcess {
  readonly start: HookStart;
  readonly ended: Promise<HookEnd>;
  readonly signals: (string | 0)[] = [];
  /** Whether anybody is left in its group. */
  alive = true;
  end: (end?: Partial<HookEnd>) => void = () => {};
  fail: (error: Error) => void = () => {};

  constructor(start: HookStart) {
    this.start = start;
    this.ended = new Promise((resolve, reject) => {
      this.end = (end) => resolve({ status: 0, signal: null, ...end });
      this.fail = reject;
    });
  }

  readonly kill = (signal: NodeJS.Signals | 0): boolean => {
    this.signals.push(signal);
    return this.alive;
  };
}

export class FakeIo implements Io {
  stdout: Sink = new Sink();
  stderr: Sink = new Sink();
  env: NodeJS.ProcessEnv = {};
  watcher: FakeWatcher = new FakeWatcher();
  /** What the watcher finds. */
  inventory: InventoryEntry[] = [];
  /** What the watcher was opened with. */
  options: UnifiedNamespaceWatcherOptions | null = null;
  containers: ContainerDirectories = { watched: [], refused: [] };
  /** What is listed without watching. */
  namespaces: NamespaceEntry[] = [];
  subscriber: FakeSubscriber = new FakeSubscriber();
  /** What the subscriber was opened with. */
  subscribed: NamespaceEventSubscriberOptions | null = null;
  /** In this process's namespace, and how often it was opened. */
  connection: FakeConnection = new FakeConnection();
  opened = 0;
  /** In other namespaces, by their paths; others may not be entered. */
  inside: Map<string, FakeConnection> = new Map();
  entered: NamespaceReference[] = [];
  /** What `nlink doctor` looks at. */
  machine: FakeProbe = new FakeProbe();
  /** What `nlink explain` looks into. */
  host: FakeInspector = new FakeInspector();
  /**
   * What was entered for good, and what could not be laid over /etc there; null: nothing may be
   * entered.
   */
  enteredAs: [NamespaceReference, View][] = [];
  overlays: OverlayFault[] | null = [];
  /** What this process became, and why it could not. */
  became: readonly string[] | null = null;
  refusal: Error = systemError(2, 'execvp', 'nosuch');
  /** What starts programs, once it was opened, and how each ends; then with 0. */
  runner: FakeRunner | null = null;
  endings: (Ending | Error | Promise<Ending>)[] = [];
  /** As Ctrl-C does. */
  interrupt: (signal?: StopSignal) => void = () => {};
  /** As the reader of the pipe does when it ends. */
  hangUp: () => void = () => {};
  /** Hooks that were started. */
  readonly hooks: FakeHook[] = [];
  readonly timers: Set<{ at: number; callback: () => void }> = new Set();
  /** Listeners that were not taken away again. */
  listening = 0;

  readonly listAndWatch: ListAndWatch = async (options) => {
    this.options = options;
    return { namespaces: this.inventory, watcher: this.watcher };
  };

  /** What `nlink links` reads, and what it was asked with. */
  links: LinksFound = { entries: [], linksFault: null, unnamedFault: null, unseen: null };
  linksRequest: LinksRequest | null = null;

  readonly readLinks: Io['readLinks'] = async (request) => {
    this.linksRequest = request;
    return this.links;
  };

  /** What `nlink serve` serves; it ends when it is told to stop, or with an error. */
  served: Omit<Served, 'server'> = { linksFault: null, unnamedFault: null, unseen: null };
  serveRequest: Parameters<Serve> | null = null;
  endServer: (error: Error | null) => void = () => {};

  readonly serve: Io['serve'] = async (...request) => {
    this.serveRequest = request;
    const ended = new Promise<Error | null>((resolve) => (this.endServer = resolve));
    const stop = async (): Promise<void> => this.endServer(null);
    return { server: { address: 'http://127.0.0.1:9478', ended, stop }, ...this.served };
  };

  /** Files by their paths. */
  files: Record<string, string> = {};

  readonly readFile: Io['readFile'] = async (path) => {
    const text = this.files[path];
    if (text === undefined) throw systemError(2, 'open', path);
    return text;
  };

  readonly containerDirectories: Io['containerDirectories'] = () => this.containers;

  readonly subscribe: Io['subscribe'] = async (options) => {
    this.subscribed = options;
    return this.subscriber;
  };

  readonly openConnection: Io['openConnection'] = async ({ namespace }): Promise<NsidConnection> => {
    if (namespace === undefined) {
      this.opened++;
      return this.connection;
    }
    const path = typeof namespace === 'object' && 'path' in namespace ? namespace.path : '';
    const inside = this.inside.get(path);
    if (inside === undefined) throw systemError(1, 'setns');
    this.entered.push(namespace);
    return inside;
  };

  readonly listNamespaces: Io['listNamespaces'] = async () => this.namespaces;

  readonly namespaceExists: Io['namespaceExists'] = async (name, { directory = '/run/netns' }) =>
    this.namespaces.some(({ path }) => path === joinPath(directory, name));

  readonly inspector: Io['inspector'] = async () => this.host;

  readonly probe: Io['probe'] = async () => this.machine;
  /** Verdicts on names by their paths, where they are not stale. */
  readonly verdicts: Map<string, NameVerdict | null> = new Map();
  /** Those of this machine, as far as the test does not replace them. */
  calls: NamespaceCalls = {
    ...namespaceCalls,
    isMissing: async () => false,
    verdictsOn: async (directory, names) =>
      new Map(
        names.map((name) => {
          const known = this.verdicts.get(joinPath(directory, name));
          return [name, known === undefined ? verdictOf('not-a-namespace') : known];
        }),
      ),
  };
  enterNamespace: Io['enterNamespace'] = async (reference, view) => {
    if (this.overlays === null) throw systemError(1, 'setns');
    this.enteredAs.push([reference, view]);
    return this.overlays;
  };

  readonly execProgram: Io['execProgram'] = async (words) => {
    this.became = words;
    throw this.refusal;
  };

  fleetProgram: Io['fleetProgram'] = async () => ['nlink-fleet'];

  readonly openRunner: Io['openRunner'] = async () => {
    if (this.overlays === null) throw systemError(1, 'setns');
    this.runner = new FakeRunner(this.overlays);
    this.runner.endings = this.endings;
    return this.runner;
  };

  readonly onStop: Io['onStop'] = (listener) => {
    this.interrupt = (signal = 'SIGINT') => listener(signal);
    return this.#listen();
  };

  readonly onReaderGone: Io['onReaderGone'] = (listener) => {
    this.hangUp = listener;
    return this.#listen();
  };

  /** Milliseconds that have passed. */
  elapsed = 0;

  readonly now = (): Date => new Date(new Date(2026, 0, 2, 3, 4, 5, 6).getTime() + this.elapsed);

  readonly after: Io['after'] = (milliseconds, callback) => {
    const timer = { at: this.elapsed + milliseconds, callback };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  };

  /** Lets time pass. */
  pass(milliseconds: number): void {
    this.elapsed += milliseconds;
    for (const timer of [...this.timers]) {
      if (timer.at > this.elapsed || !this.timers.delete(timer)) continue;
      timer.callback();
    }
  }

  readonly startHook: Io['startHook'] = async (start) => {
    const hook = new FakeHook(start);
    this.hooks.push(hook);
    return hook;
  };

  #listen(): () => void {
    this.listening++;
    return () => this.listening--;
  }
}
