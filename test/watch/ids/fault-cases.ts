/**
 * A `NamespaceEventSubscriber` with one fault among its system calls, while it opens and while ids
 * come and go. It goes on, and the events come to what a listing says, and an id that is assigned
 * afterwards is told; or it ends with the error of that call. Nothing is left open.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Connection } from '../../../src/netlink/index.ts';
import { netlinkSystem } from '../../../src/sys/socket.ts';
import type { Call } from '../../support/documented.ts';
import { hastyClock } from '../support/fast-clock.ts';
import { assertTyped, describeFault, Injection, mayEnd, playFaults } from '../../support/injection.ts';
import type { Fault, Share } from '../../support/injection.ts';
import { Losses } from '../support/losses.ts';
import { deleteNamespace } from '../../support/netns.ts';
import { NsidReplay } from '../support/nsid-replay.ts';
import { connect, freshTable, makeNamespaces } from '../../support/nsids.ts';
import { destroyAll } from '../../support/block-event-loop.ts';

class Run {
  readonly injection: Injection;
  readonly #connection: Connection;
  readonly #losses = new Losses(netlinkSystem());

  constructor(connection: Connection) {
    this.#connection = connection;
    this.injection = new Injection(this.#losses.system);
  }

  async open(t: TestContext, fault: Fault | null): Promise<ReadonlyMap<Call, number>> {
    const what = fault === null ? 'no fault' : describeFault(fault);
    const paths = makeNamespaces(2);
    await this.#connection.setNsid({ path: paths[0] as string }, 'auto');
    this.injection.arm(fault);
    const replay = await this.#replay(t).catch((error: unknown) => {
      if (fault === null) throw error;
      assertTyped(error, fault, what);
      return null;
    });
    const counts = new Map(this.injection.counts);
    if (replay !== null) {
      replay.takeOn();
      await this.#finish(replay, fault, what, paths[1] as string);
    }
    this.injection.assertClosed(what);
    for (const path of paths) deleteNamespace(path);
    return counts;
  }

  async play(t: TestContext, fault: Fault | null): Promise<ReadonlyMap<Call, number>> {
    const what = fault === null ? 'no fault' : describeFault(fault);
    const paths = makeNamespaces(5);
    const [a = '', b = '', c = '', d = '', e = ''] = paths;
    const first = await this.#connection.setNsid({ path: a }, 'auto');
    this.injection.arm(null);
    const replay = await this.#replay(t);
    replay.takeOn();
    this.injection.arm(fault);
    const second = await this.#connection.setNsid({ path: b }, 'auto');
    await setTimeout(1);
    await destroyAll(this.#connection, [a], [first]);
    await setTimeout(1);
    this.#losses.nsids = true;
    await this.#connection.setNsid({ path: c }, 'auto');
    await setTimeout(1);
    await destroyAll(this.#connection, [b], [second]);
    await this.#connection.setNsid({ path: d }, 'auto');
    await setTimeout(1);
    this.#losses.end();
    await this.#finish(replay, fault, what, e);
    const counts = new Map(this.injection.counts);
    this.injection.assertClosed(what);
    for (const path of [c, d, e]) deleteNamespace(path);
    return counts;
  }

  #replay(t: TestContext): Promise<NsidReplay> {
    this.#losses.end();
    return NsidReplay.open(t, { bufferSize: 2 }, { system: this.injection.system, clock: hastyClock });
  }

  async #finish(replay: NsidReplay, fault: Fault | null, what: string, path: string): Promise<void> {
    try {
      let end = await replay.settleOrEnd();
      if (end === null) {
        const nsid = await this.#connection.setNsid({ path }, 'auto');
        end = await replay.hears(`new ${nsid}`, true);
      }
      if (end === null) return;
      assert(fault !== null && mayEnd(fault), `${what}: ended, ${end.message}`);
      assertTyped(end, fault, what);
    } catch (error) {
      const told = replay.told.slice(-20).join(', ');
      throw new Error(`${what}; told last: ${told}: ${(error as Error).message}`, { cause: error });
    } finally {
      await replay.close();
    }
  }
}

/** @param much as for `faultsOf` */
export function testIdsFaults(much: Share): void {
  for (const phase of ['open', 'play'] as const) {
    test(`ids, ${phase}: each call fails once with each error it documents`, async (t) => {
      freshTable(t);
      const run = new Run(await connect(t));
      await playFaults(t, run.injection, (fault) => run[phase](t, fault), much);
    });
  }
}
