/**
 * A `UnifiedNamespaceWatcher` with one fault among its system calls, while it opens and while names
 * and ids come and go. It goes on with both; or, for what does not pass, with names alone and the
 * error of that call (`netlink: 'auto'`); or it ends with that error. What it tells comes to what
 * is, and a name made afterwards is told. Nothing is left open.
 */
import { strict as assert } from 'node:assert';
import { unlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Connection } from '../../../src/netlink/index.ts';
import { netlinkSystem } from '../../../src/sys/socket.ts';
import { isLie, SHORTAGES } from '../../support/documented.ts';
import type { Call } from '../../support/documented.ts';
import { hastyClock, noDiagnosis } from '../support/fast-clock.ts';
import { assertTyped, describeFault, Injection, mayEnd, playFaults } from '../../support/injection.ts';
import type { Fault, Share } from '../../support/injection.ts';
import { Losses } from '../support/losses.ts';
import {
  addAlias,
  addNamespace,
  deleteNamespace,
  netnsDirectory,
  unmountNamespace,
} from '../../support/netns.ts';
import { connect, freshTable } from '../../support/nsids.ts';
import { UnifiedReplay } from '../support/unified-replay.ts';

interface Kind {
  netlink: 'auto' | 'require';
  deaths: 'auto' | 'off';
}

/**
 * Calls after which a name may be known by less than it is by a watcher opened now: without its id
 * of Linux 6.18, or not asked for its nsid.
 */
const isBlinding = ({ call, code }: Fault): boolean =>
  call === 'namespaceHandle' || ((call === 'open' || call === 'stat') && !SHORTAGES.has(code));

/** Calls that ids alone need. */
const OF_IDS: ReadonlySet<Call> = new Set([
  'netlinkSocket',
  'netlinkConnect',
  'netlinkPort',
  'setOption',
  'getOption',
  'send',
  'receive',
  'receiveMany',
]);

class Run {
  readonly injection: Injection;
  readonly #connection: Connection;
  readonly #kind: Kind;
  readonly #losses = new Losses(netlinkSystem());
  #paths: string[] = [];

  constructor(connection: Connection, kind: Kind) {
    this.#connection = connection;
    this.#kind = kind;
    this.injection = new Injection(this.#losses.system);
  }

  async open(t: TestContext, fault: Fault | null): Promise<ReadonlyMap<Call, number>> {
    const what = fault === null ? 'no fault' : describeFault(fault);
    const directories = await this.#prepare();
    this.injection.arm(fault);
    const replay = await this.#replay(t, directories).catch((error: unknown) => {
      if (fault === null) throw error;
      assert(this.#kind.netlink === 'require' || !OF_IDS.has(fault.call), `${what}: refused to open`);
      assertTyped(error, fault, what);
      return null;
    });
    const counts = new Map(this.injection.counts);
    if (replay !== null) {
      replay.takeOn();
      await this.#finish(replay, fault, what, directories, true);
    }
    this.#cleanUp(what);
    return counts;
  }

  async play(t: TestContext, fault: Fault | null): Promise<ReadonlyMap<Call, number>> {
    const what = fault === null ? 'no fault' : describeFault(fault);
    const directories = await this.#prepare();
    const [one = '', two = ''] = directories;
    this.injection.arm(null);
    const replay = await this.#replay(t, directories);
    replay.takeOn();
    this.injection.arm(fault);
    const steps: (() => unknown)[] = [
      () => this.#add(`${one}/a`),
      () => this.#assign(`${one}/a`),
      () => this.#alias(`${one}/a`, `${two}/b`),
      () => this.#delete(`${one}/old`),
      () => unmountNamespace(`${two}/bare`),
      () => (this.#losses.names = true),
      () => this.#add(`${two}/c`),
      () => (this.#losses.nsids = true),
      () => this.#assign(`${two}/c`),
      () => this.#delete(`${one}/a`),
      () => this.#delete(`${two}/c`),
      () => this.#delete(`${two}/b`),
      () => this.#add(`${one}/old`),
      () => this.#assign(`${one}/old`),
    ];
    for (const step of steps) {
      await step();
      await setTimeout(1);
    }
    this.#losses.end();
    await this.#finish(replay, fault, what, directories, false);
    const counts = new Map(this.injection.counts);
    this.#cleanUp(what);
    return counts;
  }

  async #finish(
    replay: UnifiedReplay,
    fault: Fault | null,
    what: string,
    [one = '']: readonly string[],
    opening: boolean,
  ): Promise<void> {
    try {
      const trusted = fault === null || !(isLie(fault.call, fault.code) || isBlinding(fault));
      let end = trusted ? await replay.settleOrEnd() : null;
      if (end === null) {
        this.#add(`${one}/after`);
        end = await replay.hears('created after', trusted);
      }
      const unavailable = replay.events.find((event) => event.type === 'nsidsUnavailable');
      const noDeaths = replay.events.find((event) => event.type === 'deathsUnavailable');
      const errors = [end, unavailable?.error, noDeaths?.error, opening ? replay.watcher.deathsError : null];
      for (const error of errors) {
        if (error === null || error === undefined) continue;
        assert(fault !== null && (opening || mayEnd(fault)), `${what}: ${error.message}`);
        assertTyped(error, fault, what);
      }
      if (end !== null && this.#kind.netlink === 'auto')
        assert(fault !== null && !OF_IDS.has(fault.call), `${what}: ended, though names could be told`);
    } catch (error) {
      const told = replay.told.slice(-20).join(', ');
      throw new Error(`${what}; told last: ${told}: ${(error as Error).message}`, { cause: error });
    } finally {
      await replay.close();
    }
  }

  async #replay(t: TestContext, directories: readonly string[]): Promise<UnifiedReplay> {
    const { system } = this.injection;
    const io = { system, clock: hastyClock, diagnosis: noDiagnosis };
    const replay = await UnifiedReplay.open(t, { directories, ...this.#kind, bufferSize: 4 }, io);
    // A namespace that cannot be opened has no number.
    replay.model.knowsLives = false;
    return replay;
  }

  async #prepare(): Promise<string[]> {
    const directories = [netnsDirectory(), netnsDirectory()];
    const [one = '', two = ''] = directories;
    this.#add(`${one}/old`);
    await this.#assign(`${one}/old`);
    this.#add(`${two}/bare`);
    writeFileSync(`${two}/file`, '');
    return directories;
  }

  #add(path: string): void {
    addNamespace(path);
    this.#paths.push(path);
  }

  #alias(of: string, path: string): void {
    addAlias(of, path);
    this.#paths.push(path);
  }

  async #assign(path: string): Promise<void> {
    await this.#connection.setNsid({ path }, 'auto');
  }

  #delete(path: string): void {
    deleteNamespace(path);
    this.#paths = this.#paths.filter((other) => other !== path);
  }

  #cleanUp(what: string): void {
    this.injection.assertClosed(what);
    for (const path of this.#paths.splice(0)) {
      if (path.endsWith('/bare')) {
        try {
          unmountNamespace(path);
        } catch {
          // It was unmounted by the script.
        }
        unlinkSync(path);
      } else deleteNamespace(path);
    }
  }
}

const KINDS: readonly Kind[] = [
  { netlink: 'auto', deaths: 'off' },
  { netlink: 'require', deaths: 'off' },
  { netlink: 'auto', deaths: 'auto' },
];

/** @param much as for `faultsOf` */
export function testUnifiedFaults(much: Share): void {
  for (const kind of KINDS) {
    const { netlink, deaths } = kind;
    for (const phase of ['open', 'play'] as const) {
      test(`both, netlink: ${netlink}, deaths: ${deaths}, ${phase}: each call fails once with each error it documents`, async (t) => {
        freshTable(t);
        const run = new Run(await connect(t), kind);
        const concerns = (call: Call): boolean =>
          call !== 'setns' && (netlink === 'auto' || OF_IDS.has(call));
        await playFaults(t, run.injection, (fault) => run[phase](t, fault), much, concerns);
      });
    }
  }
}
