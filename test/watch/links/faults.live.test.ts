/**
 * A watcher of links with one fault among its system calls, while it opens and while links come,
 * move and go. It goes on, and shows what is; or it says that links are not watched any more; or it
 * ends with that error. Never does it show what is not. Nothing is left open.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { hastyClock, noDiagnosis } from '../support/fast-clock.ts';
import type { Call } from '../../support/documented.ts';
import { assertTyped, describeFault, Injection, mayEnd, playFaults } from '../../support/injection.ts';
import type { Fault } from '../../support/injection.ts';
import { within } from '../../support/wait.ts';
import type { CodedError } from '../../../src/watch/unified/unified-events.ts';
import { LinkFollower, settle } from './support/link-follower.ts';
import type { LinkHost, Place } from './support/link-host.ts';
import { freshHost, inside, move, veth } from './support/link-story.ts';

const PATIENCE = 10_000;

/** Calls that links are watched by. */
const OF_LINKS: ReadonlySet<Call> = new Set([
  'netlinkSocket',
  'setOption',
  'getOption',
  'send',
  'receive',
  'receiveMany',
]);

/** A host, one with a name, and one that only a link leads to. */
class Run {
  readonly injection: Injection = new Injection();
  readonly #host: LinkHost;
  readonly #one: Place;
  readonly #held: Place;

  constructor(t: TestContext) {
    this.#host = freshHost(t);
    this.#one = this.#host.addNamed('one');
    this.#held = this.#host.addHeld();
    veth({ place: this.#host.own, name: 'a', index: 40 }, { place: this.#one, name: 'b', index: 50 });
    veth({ place: this.#one, name: 'c', index: 51 }, { place: this.#held, name: 'd', index: 50 });
  }

  async open(fault: Fault | null): Promise<ReadonlyMap<Call, number>> {
    const what = fault === null ? 'no fault' : describeFault(fault);
    this.injection.arm(fault);
    let follower: LinkFollower;
    try {
      follower = await this.#follow();
    } catch (error) {
      if (fault === null) throw error;
      // What deaths need, links or none, may end it.
      assertTyped(error, fault, what);
      this.injection.assertClosed(what);
      return new Map(this.injection.counts);
    }
    const counts = new Map(this.injection.counts);
    await this.#finish(follower, fault, what, true);
    return counts;
  }

  /** As {@link open}; it may refuse to open. */
  async openShort(fault: Fault): Promise<void> {
    await this.open(fault).catch((error: unknown) => {
      if ((error as CodedError).code !== fault.code) throw error;
    });
    this.injection.assertClosed(describeFault(fault));
  }

  async play(fault: Fault | null): Promise<ReadonlyMap<Call, number>> {
    const what = fault === null ? 'no fault' : describeFault(fault);
    this.injection.arm(null);
    const follower = await this.#follow();
    this.injection.arm(fault);
    const { own } = this.#host;
    const [one, held] = [this.#one, this.#held];
    const steps: (() => unknown)[] = [
      () => inside(own, (requests) => requests.mtu(40, 1400)),
      () => veth({ place: one, name: 'e', index: 60 }, { place: held, name: 'f', index: 60 }),
      () => move({ place: own, name: 'a', index: 40 }, held),
      () => inside(held, (requests) => requests.up(40, true)),
      () => move({ place: held, name: 'a', index: 40 }, own),
      () => inside(one, (requests) => requests.remove(60)),
      () => inside(own, (requests) => requests.mtu(40, 1500)),
    ];
    for (const step of steps) {
      step();
      await setTimeout(6);
      follower.take();
    }
    await this.#finish(follower, fault, what, false);
    return new Map(this.injection.counts);
  }

  #follow(): Promise<LinkFollower> {
    const io = { system: this.injection.system, clock: hastyClock, diagnosis: noDiagnosis };
    return LinkFollower.open({}, io);
  }

  async #finish(follower: LinkFollower, fault: Fault | null, what: string, opening: boolean): Promise<void> {
    const { watcher } = follower;
    try {
      const deadline = performance.now() + PATIENCE;
      let wrong = ['nothing read'];
      while (wrong.length > 0 && isGoingOn(watcher) && performance.now() < deadline)
        wrong = await settle(() => this.#host.places, [follower], 200);
      if (!watcher.isWatchingNetns) {
        const end = await within('the end', watcher.recv()).then(
          () => null,
          (error: unknown) => error as CodedError,
        );
        assert(fault !== null && end !== null && mayEndBy(fault), `${what}: ended`);
        assertTyped(end, fault, what);
        return;
      }
      if (watcher.isWatchingLinks) {
        assert.deepEqual(wrong, [], follower.toldLast);
        assert.equal(watcher.linksError, null);
        return;
      }
      // It says why, and shows no links.
      assert(fault !== null && (opening || mayEndBy(fault)), `${what}: ${watcher.linksError?.message}`);
      assert(watcher.linksError !== null, what);
      assertTyped(watcher.linksError, fault, what);
      follower.take();
      if (!opening) assert(/^linksUnavailable/m.test(follower.toldLast), `${what}: without a word`);
      for (const { links } of watcher.namespaces()) assert.equal(links, undefined, what);
    } catch (error) {
      throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
    } finally {
      await watcher.stop();
      this.injection.assertClosed(what);
    }
  }
}

/** A shortage passes, as a rule. */
const mayEndBy = (fault: Fault): boolean => fault.forGood === true || mayEnd(fault);

/** Whether it has not ended, and shows links. */
const isGoingOn = (watcher: LinkFollower['watcher']): boolean =>
  watcher.isWatchingNetns && watcher.isWatchingLinks;

for (const phase of ['open', 'play'] as const)
  test(`links, ${phase}: each call fails once with each error that it documents`, async (t) => {
    const run = new Run(t);
    await playFaults(
      t,
      run.injection,
      (fault) => run[phase](fault),
      'few',
      (call) => OF_LINKS.has(call),
    );
  });

// What does not pass: it gives up, and says so.
for (const [call, code] of [
  ['send', 'ENOBUFS'],
  ['send', 'EPERM'],
  ['receive', 'ENOMEM'],
  ['receiveMany', 'ENOMEM'],
] as const)
  test(`${call} fails with ${code} for good, while links are watched`, async (t) => {
    const run = new Run(t);
    const fault: Fault = { call, nth: 3, code, forGood: true };
    await run.play(fault);
    assert(run.injection.struck);
  });

// Fails if the observer's own namespace is left out without a word.
test('no descriptor is left at one point or other while it opens: all is shown, or it says why not', async (t) => {
  const run = new Run(t);
  const counts = await run.open(null);
  for (const call of ['open', 'openNamespace'] as const)
    for (let nth = 1; nth <= (counts.get(call) ?? 0); nth++)
      await run.openShort({ call, nth, code: 'EMFILE' });
});
