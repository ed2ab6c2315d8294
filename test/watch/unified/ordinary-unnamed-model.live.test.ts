/**
 * Random sequences of what happens to namespaces with and without names, done by root and told by a
 * watcher that may look at none of the processes: whatever it has told of, it tells the end of, once,
 * when nothing holds it any more.
 */
import { strict as assert } from 'node:assert';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { addAlias, addNamespace, deleteNamespace, netnsDirectory, spawnHolder } from '../../support/netns.ts';
import type { Holder } from '../../support/netns.ts';
import { spawnOrdinary } from '../../support/ordinary.ts';
import { Random } from '../../support/random.ts';
import { modelRuns } from '../../support/runs.ts';
import { follow, watchUnifiedProgram } from '../../support/watching.ts';
import type { Line } from '../../support/watching.ts';

/** A namespace, what holds it, and what was told of it. */
class Space {
  readonly processes: Holder[] = [];
  readonly names: string[] = [];
  readonly descriptors: number[] = [];
  readonly #everNamed = new Set<string>();
  readonly #everInside = new Set<number>();
  isTold = false;
  ends = 0;

  get isHeld(): boolean {
    return this.processes.length + this.names.length + this.descriptors.length > 0;
  }

  enter(holder: Holder): void {
    this.processes.push(holder);
    this.#everInside.add(holder.pid);
  }

  name(name: string): void {
    this.names.push(name);
    this.#everNamed.add(name);
  }

  isMeant({ name, names = [], pids = [] }: Line): boolean {
    const all = [...names.map((one) => one.name), name];
    return all.some((one) => this.#everNamed.has(one ?? '')) || pids.some((pid) => this.#everInside.has(pid));
  }
}

class Place {
  readonly directory = netnsDirectory();
  spaces: Space[] = [];
  readonly #t: TestContext;
  readonly #next: () => Promise<Line>;
  #count = 0;

  constructor(t: TestContext) {
    this.#t = t;
    const options = JSON.stringify({ directory: this.directory, deaths: 'require', unnamed: true });
    this.#next = follow(t, spawnOrdinary(watchUnifiedProgram, options));
  }

  /** The first line, of the state at the start. */
  async open(): Promise<void> {
    assert.equal((await this.#next()).type, 'open');
  }

  /** One random step. */
  async step(random: Random): Promise<void> {
    const living = this.spaces.filter((space) => space.isHeld);
    const space = living.length === 0 ? undefined : random.one(living);
    const kinds = ['process', 'name', 'alias', 'enter', 'end', 'unname', 'hold', 'release'] as const;
    const kind = space === undefined ? random.one(['process', 'name'] as const) : random.one(kinds);
    if (kind === 'process' || kind === 'name') return this.#make(kind);
    if (space === undefined) return;
    if (kind === 'end') await space.processes.pop()?.end();
    else if (kind === 'unname') this.#unname(space);
    else if (kind === 'release') this.#release(space);
    else if (kind === 'alias') {
      const name = this.#newName();
      addAlias(this.#pathOf(space), `${this.directory}/${name}`);
      space.name(name);
    } else if (kind === 'enter') space.enter(await spawnHolder(this.#t, this.#pathOf(space)));
    else space.descriptors.push(openSync(this.#pathOf(space), 'r'));
  }

  /** Takes what was told by now, and fails if the end of one that is held is among it. */
  async barrier(): Promise<void> {
    const name = this.#newName();
    addNamespace(`${this.directory}/${name}`);
    const held = new Set(this.spaces.filter((space) => space.isHeld));
    for (let line = await this.#next(); line.name !== name; line = await this.#next()) this.#take(line, held);
    deleteNamespace(`${this.directory}/${name}`);
  }

  /** Lets all go, and takes lines until the end of each that was told of has been told. */
  async clear(): Promise<void> {
    for (const space of this.spaces) {
      for (const holder of space.processes.splice(0)) await holder.end();
      while (space.names.length > 0) this.#unname(space);
      while (space.descriptors.length > 0) this.#release(space);
    }
    await this.barrier();
    while (this.spaces.some(({ isTold, ends }) => isTold && ends === 0))
      this.#take(await this.#next(), new Set());
    // What comes late would come now.
    await this.barrier();
    for (const { isTold, ends } of this.spaces) assert.equal(ends, isTold ? 1 : 0);
    this.spaces = [];
  }

  async #make(kind: 'process' | 'name'): Promise<void> {
    const space = new Space();
    this.spaces.push(space);
    if (kind === 'process') return space.enter(await spawnHolder(this.#t));
    const name = this.#newName();
    addNamespace(`${this.directory}/${name}`);
    space.name(name);
  }

  #take(line: Line, held: ReadonlySet<Space>): void {
    const space = this.spaces.find((one) => one.isMeant(line));
    if (space === undefined) return;
    if (line.type === 'found' || (line.type === 'created' && line.ready === true)) space.isTold = true;
    if (line.type !== 'destroyed') return;
    assert(!held.has(space), 'the end of one that is held');
    assert(space.isTold, 'the end of one that was not told');
    assert.equal(++space.ends, 1, 'told twice');
  }

  #newName(): string {
    return `n${++this.#count}`;
  }

  #unname(space: Space): void {
    const name = space.names.pop();
    if (name !== undefined) deleteNamespace(`${this.directory}/${name}`);
  }

  #release(space: Space): void {
    const fd = space.descriptors.pop();
    if (fd !== undefined) closeSync(fd);
  }

  /** Leads to one that is held. */
  #pathOf({ processes, names, descriptors }: Space): string {
    const [name] = names;
    const [holder] = processes;
    if (name !== undefined) return `${this.directory}/${name}`;
    return holder === undefined ? `/proc/${process.pid}/fd/${descriptors[0]}` : `/proc/${holder.pid}/ns/net`;
  }
}

test('an ordinary user: the end of each that was told of, once, in random sequences', async (t) => {
  const random = new Random(20261130);
  const place = new Place(t);
  await place.open();
  for (let sequence = 0; sequence < modelRuns(40); sequence++) {
    for (let steps = 4 + random.below(10); steps > 0; steps--) {
      await place.step(random);
      if (random.below(3) === 0) await place.barrier();
      if (random.below(4) === 0) await setTimeout(random.below(300));
    }
    await place.clear();
  }
});
