/**
 * What happens on the host of the soak, one thing at a time, at random: names and ids, what holds a
 * namespace, storms, the directory itself.
 */
import { mkdirSync, rmdirSync, unlinkSync, writeFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import * as fc from 'fast-check';
import { isNamespace } from '../../src/index.ts';
import { spawnHolder } from '../support/netns.ts';
import { Random } from '../support/random.ts';
import type { Watchers } from './soak-watchers.ts';
import { unifiedOperation } from './support/unified-operations.ts';
import type { UnifiedHost, UnifiedOperation } from './support/unified-operations.ts';

/**
 * What a test would do at its end is done by {@link Host.clear}: thousands of that would be kept
 * until then.
 */
const NO_TEST = { after: () => undefined } as unknown as TestContext;
/** Between two operations, in milliseconds. */
export const PACE = 20;
/** A storm of files, in pairs: one that is followed, one that overflows inotify's queue. */
const STORM = 500;
const OVERFLOW = 9000;

/** Does what happens on a host, one thing at a time. */
export class Host {
  readonly #random: Random;
  readonly #seed: number;
  readonly #unified: UnifiedHost;
  readonly #watchers: Watchers;
  #pending: UnifiedOperation[] = [];
  #drawn = 0;
  #holders: { end(): Promise<void> }[] = [];

  constructor(seed: number, unified: UnifiedHost, watchers: Watchers) {
    this.#seed = seed;
    this.#random = new Random(seed);
    this.#unified = unified;
    this.#watchers = watchers;
  }

  async step(): Promise<void> {
    const dice = this.#random.below(1000);
    const [one = '', two = ''] = this.#unified.directories;
    if (dice < 4) storm(one, STORM);
    else if (dice === 4) storm(one, OVERFLOW);
    else if (dice < 8) await this.#hold(`${one}/a`);
    else if (dice < 12) await this.#letGo();
    else if (dice === 12) await this.#removeDirectory(two);
    else await this.#operate();
  }

  /** Takes away all there is. */
  async clear(): Promise<void> {
    while (this.#holders.length > 0) await this.#letGo();
    await this.#unified.clear();
  }

  async #operate(): Promise<void> {
    if (this.#pending.length === 0)
      this.#pending = fc.sample(unifiedOperation, { numRuns: 500, seed: this.#seed + this.#drawn++ });
    const operation = this.#pending.pop() as UnifiedOperation;
    const done = await this.#unified.perform(operation);
    if (!done || operation.do !== 'add') return;
    const [directory, name = ''] = operation.at.split('/');
    if (directory === '0') this.#watchers.made.set(name, performance.now());
  }

  /** A process in the namespace keeps it alive. */
  async #hold(path: string): Promise<void> {
    if (this.#holders.length > 2) await this.#letGo();
    if (!(await isNamespace({ path }))) return;
    const holder = await spawnHolder(NO_TEST, path).catch(() => null);
    if (holder !== null) this.#holders.push(holder);
  }

  async #letGo(): Promise<void> {
    await this.#holders.shift()?.end();
  }

  async #removeDirectory(directory: string): Promise<void> {
    await this.#unified.clear();
    rmdirSync(directory);
    await setTimeout(PACE);
    mkdirSync(directory);
  }
}

function storm(directory: string, pairs: number): void {
  for (let pair = 0; pair < pairs; pair++) {
    writeFileSync(`${directory}/storm`, '');
    unlinkSync(`${directory}/storm`);
  }
}
