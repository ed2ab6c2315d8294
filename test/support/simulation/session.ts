/**
 * One `NamespaceWatcher` on a simulated host, its event loop and its consumer, turn by turn; and what must hold at each
 * turn, after each loss, whenever the host is quiet, and at the end.
 */
import { strict as assert } from 'node:assert';
import { setImmediate } from 'node:timers/promises';
import type { NamespaceId } from '../../../src/netns/identity.ts';
import type { NamespaceEvent } from '../../../src/watch/events.ts';
import { NamespaceWatcher } from '../../../src/watch/namespace-watcher.ts';
import { ReplayModel } from '../replay.ts';
import { History, isNamespace } from './history.ts';
import type { ToldCreated } from './history.ts';
import type { NameTruth, Truth, World } from './world.ts';

/** One turn of the event loop, and what happens meanwhile. */
export interface Turn {
  /** Steps of the others before it. */
  act: number;
  /** Which descriptors the loop finds readable, if they are. */
  inotify: boolean;
  mounts: boolean;
  /** Milliseconds since the turn before. */
  pass: number;
  /** Events that the consumer takes; -1: waits for one. */
  take: number;
}

/** What the watcher is opened with. */
export interface SessionSettings {
  directory: string;
  bufferSize: number;
  readyTimeout: number;
  followSymlinks: boolean;
}

/** Longer than anything takes that is not told of: backups and sweeps of a second, symbolic links. */
const SETTLED = 5000;
/** System calls in one turn of the event loop. */
const MOST_CALLS = 20_000;

export class Session {
  readonly #world: World;
  readonly #settings: SessionSettings;
  readonly #watcher: NamespaceWatcher;
  readonly #replay: ReplayModel;
  /** Whether the directory is there, as far as it was told. */
  #present: boolean;
  readonly #history: History;
  /** The step at which the snapshot was complete. */
  readonly #opened: number;
  readonly #listed: Set<string>;
  readonly #created = new Map<string, ToldCreated[]>();
  readonly #reading: Reading;
  readonly #diagnoses: (() => void)[];
  #waiting = false;
  #failure: unknown = null;
  #turns = 0;
  /** System calls of the watcher in this turn. */
  #calls = 0;
  readonly #losses: Losses;

  private constructor(
    world: World,
    settings: SessionSettings,
    opened: Awaited<ReturnType<typeof NamespaceWatcher.listAndWatch>>,
    history: History,
    reading: Reading,
    diagnoses: (() => void)[],
  ) {
    this.#reading = reading;
    this.#world = world;
    this.#settings = settings;
    this.#watcher = opened.watcher;
    this.#history = history;
    this.#opened = history.steps;
    this.#diagnoses = diagnoses;
    this.#listed = new Set(opened.namespaces.map(({ name }) => name));
    this.#replay = new ReplayModel(settings.directory, opened.namespaces);
    this.#present = opened.watcher.isWatchingNetns;
    this.#losses = new Losses(world, history, opened.watcher);
  }

  /** @param interfere how many steps the others do before each system call of the watcher */
  static async open(world: World, settings: SessionSettings, interfere: () => number): Promise<Session> {
    const { clock, system } = world;
    const history = new History(world.truth, clock.now());
    world.onStep = () => history.record(world.truth, clock.now());
    system.between = () => world.act(interfere());
    const reading = new Reading(world, history, settings.directory);
    const diagnoses: (() => void)[] = [];
    const propagation = {
      diagnose: (_directory: string, _names: readonly string[], signal?: AbortSignal): Promise<Set<string>> =>
        new Promise((resolve) => {
          const answer = (): void => resolve(new Set());
          diagnoses.push(answer);
          signal?.addEventListener('abort', answer);
        }),
    };
    const opened = await NamespaceWatcher.listAndWatch(
      { ...settings, emitDirectoryEvents: true },
      { system, clock, propagation },
    );
    const session = new Session(world, settings, opened, history, reading, diagnoses);
    system.between = () => {
      assert.notEqual(++session.#calls, MOST_CALLS, 'the watcher goes round and round');
      session.#losses.look();
      world.act(interfere());
    };
    system.onRead = (empty) => session.#losses.read(empty);
    return session;
  }

  async turn({ act, inotify, mounts, pass, take }: Turn): Promise<void> {
    const { clock } = this.#world;
    this.#calls = 0;
    this.#world.act(act);
    this.#poll(inotify, mounts);
    clock.pass(pass);
    clock.fire();
    if (take < 0) this.#wait();
    await this.#immediate();
    for (let taken = 0; taken < take && !this.#waiting; taken++) if (!this.#take()) break;
    this.#check();
  }

  /** Everything that others are to do is done, told and taken; no time passes but that for which the watcher rests. */
  async flush(): Promise<void> {
    const { clock, system } = this.#world;
    // The first turns of the event loop lay its watches.
    for (let quiet = 0; quiet < 4; quiet++) {
      if (quiet === 2 && [...system.handles].some(({ paused }) => paused)) {
        assert.ok(clock.next < Infinity, 'a watcher sleeps, and nothing will wake it');
        clock.pass(Math.max(0, clock.next - clock.now()));
        clock.fire();
        quiet = 0;
      }
      this.#calls = 0;
      if (!this.#world.idle) quiet = 0;
      this.#world.act(1);
      if (this.#poll(true, true)) quiet = 0;
      await this.#immediate();
      while (!this.#waiting && this.#take()) quiet = 0;
      this.#check();
    }
    if (!this.#reading.astray) this.#checkReady();
  }

  /** As {@link flush}, and all that takes time has had it. */
  async settle(): Promise<void> {
    const { clock } = this.#world;
    await this.flush();
    await this.#checkAlive();
    const end = clock.now() + this.#settings.readyTimeout + SETTLED;
    while (clock.next < end) {
      clock.pass(Math.max(0, clock.next - clock.now()));
      clock.fire();
      await this.flush();
    }
    await this.#checkAlive();
    if (!this.#reading.astray) this.#checkSettled();
  }

  async stop(): Promise<void> {
    this.#wait();
    await this.#watcher.stop();
    await setImmediate();
    assert.equal(this.#waiting, false, 'a pending recv outlived stop');
    assert.equal(await this.#watcher.recv(), undefined);
    assert.equal(this.#watcher.isWatchingNetns, false);
    this.#world.checkFreed();
  }

  #poll(inotify: boolean, mounts: boolean): boolean {
    let told = false;
    for (const handle of this.#world.system.handles) handle.lay();
    for (const handle of this.#world.system.handles) {
      const kind = this.#world.system.descriptors.get(handle.fd)?.kind;
      if ((kind === 'inotify' ? inotify : mounts) && handle.poll()) told = true;
      this.#losses.look();
    }
    return told;
  }

  /** The end of a turn: answers come, promises are kept. */
  async #immediate(): Promise<void> {
    const answers = this.#diagnoses.splice(0);
    for (const answer of answers) answer();
    this.#turns++;
    if (answers.length > 0 || this.#waiting || this.#turns < 5) await setImmediate();
    if (this.#failure !== null) throw this.#failure;
  }

  #take(): boolean {
    const event = this.#watcher.tryRecv();
    this.#losses.look();
    if (event !== undefined) this.#consume(event);
    return event !== undefined;
  }

  #wait(): void {
    if (this.#waiting) return;
    this.#waiting = true;
    void this.#receive();
  }

  async #receive(): Promise<void> {
    try {
      const event = await this.#watcher.recv();
      this.#losses.look();
      this.#waiting = false;
      if (event !== undefined) this.#consume(event);
    } catch (error) {
      this.#failure = error;
    }
  }

  #consume(event: NamespaceEvent): void {
    this.#replay.apply(event);
    if (event.type === 'directoryCreated' || event.type === 'directoryDeleted') {
      assert.equal(this.#present, event.type === 'directoryDeleted', `${event.type} twice`);
      this.#present = !this.#present;
    }
    if (event.type === 'resynced') this.#losses.check(this.#replay.names);
    if (event.type !== 'created') return;
    const { name, namespace } = event;
    const held = event.ready || event.reason === 'vanished' ? 0 : this.#settings.readyTimeout;
    const told = this.#created.get(name) ?? [];
    told.push({ namespace, at: this.#world.clock.now(), held });
    this.#created.set(name, told);
  }

  #check(): void {
    const { buffered } = this.#watcher.stats();
    assert.ok(buffered <= this.#settings.bufferSize, `${buffered} events held`);
  }

  /** What mount changes alone must have told, without a timer: that names can be entered. */
  #checkReady(): void {
    const { names } = this.#world.truth;
    const state = this.#replay.names;
    for (const [name, { file, namespace }] of names) {
      if (namespace === null || file.kind === 'link') continue;
      assert.ok(state.has(name), `${name} can be entered, and was not told`);
    }
  }

  async #checkAlive(): Promise<void> {
    if (this.#world.system.descriptors.size > 0) return;
    // Rejects with what ended it.
    await this.#watcher.recv();
    assert.fail('the watcher ended of its own accord');
  }

  #checkSettled(): void {
    const { clock, truth, kernel } = this.#world;
    assert.equal(this.#watcher.isWatchingNetns, truth.directory !== null, 'isWatchingNetns');
    assertState('events', this.#replay.names, truth);
    assertState(
      'namespaces()',
      new Map(this.#watcher.namespaces().map(({ name, namespace }) => [name, namespace])),
      truth,
    );
    const strict = this.#history.moves === 0 && this.#watcher.stats().overflows === 0;
    for (const name of new Set([...this.#created.keys(), ...truth.names.keys()])) {
      const told = this.#created.get(name) ?? [];
      assert.ok(
        this.#history.allows(name, this.#listed.has(name), this.#opened, told, strict),
        `created of ${name}, never so: ${show(told)}`,
      );
    }
    const links = [...truth.names.values()].some(({ file }) => file.kind === 'link');
    if (!links) assert.equal(clock.timers, 0, 'timers run on a quiet host');
    assert.equal(this.#watcher.stats().pending, 0);
    const [inotify] = kernel.instances;
    assert.ok(
      (inotify?.watched.length ?? 0) <= this.#settings.directory.split('/').length + 3,
      'watches left',
    );
  }
}

/** Sees when another directory was in the place of the watched one just while that was read, which nobody can notice. */
class Reading {
  astray = false;
  readonly #world: World;
  readonly #history: History;
  #watched: { directory: Truth['directory']; moves: number } | null = null;
  #read = false;

  constructor(world: World, history: History, path: string) {
    this.#world = world;
    this.#history = history;
    world.system.onDirectory = (call, directory) => {
      if (directory !== path) return;
      if (call === 'readDirectory') this.#read = true;
      else this.#asked();
    };
  }

  #asked(): void {
    const { directory } = this.#world.truth;
    const { moves } = this.#history;
    const before = this.#watched;
    if (this.#read && directory === before?.directory && moves !== before.moves) this.astray = true;
    this.#watched = { directory, moves };
    this.#read = false;
  }
}

/** What was there when the watcher told that it has caught up. */
class Losses {
  readonly #world: World;
  readonly #history: History;
  readonly #watcher: NamespaceWatcher;
  readonly #caughtUp: (Caught | null)[] = [];
  #lastRead: Caught | null = null;
  #overflows = 0;
  #overflowed = { step: 0, mountChanges: 0 };

  constructor(world: World, history: History, watcher: NamespaceWatcher) {
    this.#world = world;
    this.#history = history;
    this.#watcher = watcher;
  }

  /** The watcher read; when it tells `resynced` it has found nothing just before. */
  read(empty: boolean): void {
    const { kernel, system, midway, truth } = this.#world;
    // What the watcher cannot know of yet.
    const untold =
      midway ||
      [...system.descriptors.values()].some(
        (each) => each.kind === 'mountinfo' && each.seen !== kernel.mountChanges,
      );
    this.#lastRead =
      empty && !untold ? { truth, mountChanges: kernel.mountChanges, overflowed: this.#overflowed } : null;
  }

  /** Notes what the watcher has done since the last time. */
  look(): void {
    const { overflows, resyncs } = this.#watcher.stats();
    if (overflows !== this.#overflows)
      this.#overflowed = { step: this.#history.steps, mountChanges: this.#world.kernel.mountChanges };
    this.#overflows = overflows;
    if (resyncs > this.#caughtUp.length + this.#checked) this.#caughtUp.push(this.#lastRead);
  }

  #checked = 0;

  /** `resynced` comes after these. */
  check(state: Map<string, NamespaceId | null>): void {
    this.#checked++;
    const caught = this.#caughtUp.shift();
    assert.ok(caught !== undefined);
    if (caught === null) return;
    const { truth, mountChanges, overflowed } = caught;
    for (const name of state.keys()) assert.ok(truth.names.has(name), `resynced, and ${name} was gone`);
    for (const [name, there] of truth.names) {
      const known = state.get(name);
      if (known === undefined) {
        assert.equal(
          this.#history.livesSince(name, overflowed.step),
          false,
          `resynced, and ${name} was not told`,
        );
      } else if (mountChanges === overflowed.mountChanges && there.file.kind !== 'link') {
        assertName(`resynced: ${name}`, known, there);
      }
    }
  }
}

interface Caught {
  truth: Truth;
  mountChanges: number;
  overflowed: { step: number; mountChanges: number };
}

function assertState(what: string, state: Map<string, NamespaceId | null>, { names }: Truth): void {
  assert.deepEqual([...state.keys()].sort(), [...names.keys()].sort(), what);
  for (const [name, truth] of names) assertName(`${what}: ${name}`, state.get(name) ?? null, truth);
}

function assertName(what: string, known: NamespaceId | null, { file, namespace }: NameTruth): void {
  if (namespace === null) {
    assert.equal(known, null, `${what} has no namespace`);
    return;
  }
  // A link's namespace that has no id may be another one with the same inode: that cannot be told apart.
  const alike = file.kind === 'link' && known?.id === null && known.ino === namespace.ino;
  assert.ok(known !== null && (alike || isNamespace(namespace, known)), `${what} has another namespace`);
}

const show = (told: readonly ToldCreated[]): string =>
  told
    .map(
      ({ namespace, at }) => `${namespace === null ? 'not ready' : (namespace.id ?? namespace.ino)} by ${at}`,
    )
    .join(', ');
