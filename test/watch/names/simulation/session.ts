/**
 * One `NamespaceWatcher` on a simulated host, its event loop and its consumer, turn by turn; and
 * what must hold at each turn, after each loss, whenever the host is quiet, and at the end.
 */
import type { WatcherIo } from '../../../../src/watch/names/engine-parts.ts';
import { strict as assert } from 'node:assert';
import { setImmediate } from 'node:timers/promises';
import type { NamespaceId } from '../../../../src/netns/identity/identity.ts';
import type { NamespaceEvent } from '../../../../src/watch/names/name-events.ts';
import { NamespaceWatcher } from '../../../../src/watch/names/namespace-watcher.ts';
import { ReplayModel } from '../../support/replay.ts';
import { History } from './history.ts';
import type { ToldCreated } from './history.ts';
import { assertName, Losses } from './losses.ts';
import { Reading } from './reading.ts';
import type { SimulationSettings } from './system.ts';
import type { Truth, World } from './world.ts';

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
  /** Bytes of inotify records that one read takes: 32 for each record of a short name. */
  batchSize: number;
  mounts: SimulationSettings['mounts'];
}

/**
 * Longer than anything takes that is not told of: backups and sweeps of a second, symbolic links.
 */
const SETTLED = 5000;
/** System calls in one turn of the event loop. */
const MOST_CALLS = 20_000;

/** What is noted of the world, to hold the watcher to it. */
interface Witnesses {
  history: History;
  reading: Reading;
  losses: Losses;
  /** Answers that the watcher waits for. */
  diagnoses: (() => void)[];
}

export class Session {
  readonly #world: World;
  readonly #settings: SessionSettings;
  readonly #watcher: NamespaceWatcher;
  readonly #replay: ReplayModel;
  /** Whether the directory is there, as far as it was told. */
  #present: boolean;
  readonly #witnesses: Witnesses;
  readonly #opened: { listed: number; returned: number };
  readonly #listed: Map<string, NamespaceId | null>;
  readonly #created = new Map<string, ToldCreated[]>();
  /** The namespaces with which names were deleted last. */
  readonly #deleted = new Map<string, NamespaceId | null>();
  #waiting = false;
  #failure: unknown = null;
  #turns = 0;
  /** System calls of the watcher in this turn. */
  #calls = 0;

  private constructor(
    world: World,
    settings: SessionSettings,
    opened: Awaited<ReturnType<typeof NamespaceWatcher.listAndWatch>>,
    witnesses: Witnesses,
  ) {
    this.#world = world;
    this.#settings = settings;
    this.#watcher = opened.watcher;
    this.#witnesses = witnesses;
    this.#opened = { listed: witnesses.reading.step, returned: witnesses.history.steps };
    this.#listed = new Map(opened.namespaces.map(({ name, namespace }) => [name, namespace]));
    this.#replay = new ReplayModel(settings.directory, opened.namespaces);
    this.#present = opened.watcher.isWatchingNetns;
    witnesses.losses.watcher = opened.watcher;
  }

  /** @param interfere how many steps the others do before each system call of the watcher */
  static async open(world: World, settings: SessionSettings, interfere: () => number): Promise<Session> {
    const { clock, system } = world;
    const history = new History(world.truth, clock.now());
    world.onStep = () => history.record(world.truth, clock.now());
    system.between = () => world.act(interfere());
    const witnesses: Witnesses = {
      history,
      reading: new Reading(world, history, settings.directory),
      losses: new Losses(world, history),
      diagnoses: [],
    };
    const diagnosis: WatcherIo['diagnosis'] = {
      diagnose: (_directory, _names, signal) =>
        new Promise((resolve) => {
          const answer = (): void => resolve(new Map());
          witnesses.diagnoses.push(answer);
          signal?.addEventListener('abort', answer);
        }),
    };
    const opened = await NamespaceWatcher.listAndWatch(
      { ...settings, emitDirectoryEvents: true },
      { system, clock, diagnosis, batchSize: settings.batchSize },
    );
    const session = new Session(world, settings, opened, witnesses);
    system.between = () => {
      assert.notEqual(++session.#calls, MOST_CALLS, 'the watcher goes round and round');
      witnesses.losses.look();
      world.act(interfere());
    };
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

  /**
   * Everything that others are to do is done, told and taken; no time passes but that for which the
   * watcher rests.
   */
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
    if (!this.#witnesses.reading.astray) this.#checkReady();
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
    this.#world.movedTo.clear();
    await this.#checkAlive();
    if (!this.#witnesses.reading.astray) this.#checkSettled();
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
      this.#witnesses.losses.look();
    }
    return told;
  }

  /** The end of a turn: answers come, promises are kept. */
  async #immediate(): Promise<void> {
    const answers = this.#witnesses.diagnoses.splice(0);
    for (const answer of answers) answer();
    this.#turns++;
    if (answers.length > 0 || this.#waiting || this.#turns < 5) await setImmediate();
    if (this.#failure !== null) throw this.#failure;
  }

  #take(): boolean {
    const event = this.#watcher.tryRecv();
    this.#witnesses.losses.look();
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
      this.#witnesses.losses.look();
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
    if (event.type === 'resynced') this.#witnesses.losses.check(this.#replay.names);
    if (event.type === 'deleted') this.#deleted.set(event.name, event.namespace);
    if (event.type !== 'created') return;
    const { name, namespace } = event;
    const before = this.#deleted.get(name) ?? null;
    const held = event.ready || event.reason === 'vanished' ? 0 : this.#settings.readyTimeout;
    const told = this.#created.get(name) ?? [];
    told.push({ namespace, before, at: this.#world.clock.now(), held });
    this.#created.set(name, told);
  }

  #check(): void {
    const { buffered } = this.#watcher.stats();
    assert.ok(buffered <= this.#settings.bufferSize, `${buffered} events held`);
  }

  /**
   * What mount changes alone must have told, without a timer: that names can be entered. A list of
   * mounts does not show that one was moved.
   */
  #checkReady(): void {
    const { movedTo } = this.#world;
    const isListed = this.#settings.mounts === 'listed';
    const { names } = this.#world.truth;
    const state = this.#replay.names;
    for (const [name, { file, namespace }] of names) {
      if (namespace === null || file.kind === 'link' || (isListed && movedTo.has(name))) continue;
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
    const strict = this.#witnesses.history.moves === 0 && this.#watcher.stats().overflows === 0;
    for (const name of new Set([...this.#created.keys(), ...truth.names.keys()])) {
      const told = this.#created.get(name) ?? [];
      assert.ok(
        this.#witnesses.history.allows(name, this.#listed.get(name), this.#opened, told, strict),
        `created of ${name}, never so: ${show(told)}`,
      );
    }
    const links = [...truth.names.values()].some(({ file }) => file.kind === 'link');
    if (!links) assert.equal(clock.timers, 0, 'timers run on a quiet host');
    assert.equal(this.#watcher.stats().pending, 0);
    const [inotify] = kernel.instances;
    const needed = kernel.own.visited(this.#settings.directory);
    for (const node of inotify?.watched ?? [])
      assert.ok(needed.has(node), `/${node.name} is watched for nothing`);
  }
}

function assertState(what: string, state: Map<string, NamespaceId | null>, { names }: Truth): void {
  assert.deepEqual([...state.keys()].sort(), [...names.keys()].sort(), what);
  for (const [name, truth] of names) assertName(`${what}: ${name}`, state.get(name) ?? null, truth);
}

const show = (told: readonly ToldCreated[]): string =>
  told
    .map(
      ({ namespace, at }) => `${namespace === null ? 'not ready' : (namespace.id ?? namespace.ino)} by ${at}`,
    )
    .join(', ');
