/**
 * What is told of a runtime's namespace where its names are not watched: `nlink watch --all` of
 * root and of an ordinary user, one from before it was made and one from after; and a watcher that
 * looks forty times as often, for what is told of a namespace too early.
 */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ProcessOwner } from '../../../src/netns/processes/process-owner.ts';
import { UnifiedNamespaceWatcher } from '../../../src/watch/unified/unified-namespace-watcher.ts';
import type { NamespaceFoundEvent } from '../../../src/watch/unified/unified-events.ts';
import { waitFor } from '../../support/wait.ts';
import { hastyIo } from '../../watch/support/unnamed-follower.ts';
import { MAIN, Watch } from './nlink.ts';
import type { Command, Told } from './nlink.ts';
import { output } from './programs.ts';
import { namespaceOf } from './truth.ts';

/** A directory without names: what a runtime names is told as if it had none. */
const NO_NAMES = '/run/nlink-world/no-names';
const OPEN = '/run/nlink-world/open';
const NOBODY = 65534;

const root: Command = [process.execPath, MAIN];
const ordinary: Command = [
  ...(['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'] as const),
  `${OPEN}/node`,
  `${OPEN}/package/${MAIN.slice(packageRoot().length + 1)}`,
];

export interface Unnamed {
  /** Starts it. @returns a process in it */
  begin: () => Promise<number | string>;
  /** Whose it is, by that process. */
  owner: (pid: number) => Promise<ProcessOwner | null> | ProcessOwner | null;
  /** Whether there is nothing in it but `lo`, once it is set up. */
  loOnly: boolean;
  /** Ends all that is in it. */
  end: (pid: number) => Promise<unknown>;
}

/**
 * Starts it and ends it: found with its owner, there for whoever comes later, and destroyed.
 */
export async function foundAndDestroyed(what: Unnamed, note: (text: string) => void): Promise<void> {
  await makeReadable();
  await lookStepByStep(what, note);
  await using early = await Watch.all(root, NO_NAMES);
  await using theirs = await Watch.all(ordinary, NO_NAMES);
  const pid = Number(await what.begin());
  const began = Date.now();
  const inode = namespaceOf(pid);
  const isIts = ({ namespace, pids }: Told): boolean =>
    namespace === null ? pids?.some((one) => isIn(one, inode)) === true : namespace?.ino === inode;
  const watches = [early, theirs];
  const firsts: Told[] = [];
  for (const watch of watches) firsts.push(await watch.event(`what process ${pid} is in`, 0, isIts));
  const delays = firsts.map(({ time }) => Date.parse(time) - began);
  note(`found ${delays[0]} ms after it was started, by an ordinary user ${delays[1]} ms`);
  const owner = await what.owner(pid);
  await using late = await Watch.all(root, NO_NAMES);
  await using theirsLate = await Watch.all(ordinary, NO_NAMES);
  watches.push(late, theirsLate);
  for (const watch of [late, theirsLate]) firsts.push(await watch.event(`the entry of ${pid}`, 0, isIts));
  for (const [at, first] of firsts.entries()) {
    const { type, namespace = null, number } = first;
    assert.deepEqual([type, typeof number], [at < 2 ? 'found' : 'present', 'number']);
    assert.equal(namespace?.ino, at % 2 === 0 ? inode : undefined, 'root alone knows which one it is');
    assert.deepEqual([first.owner, at < 2 || first.loOnly], [owner, at < 2 || what.loOnly]);
  }
  for (const command of [root, ordinary]) {
    const [program, ...args] = [...command, 'list', '--all', '--json', '--directory', NO_NAMES] as const;
    const listed = (JSON.parse(await output(program, ...args)) as Told[]).find(isIts);
    assert.deepEqual([listed?.owner, listed?.loOnly], [owner, what.loOnly]);
  }
  const ends = Date.now();
  await what.end(pid);
  for (const [at, watch] of watches.entries()) {
    const [{ type, number }] = [firsts[at] as Told];
    const isOfIt = (event: Told): boolean => event.number === number;
    const last = await watch.event('its end', 0, (event) => event.type === 'destroyed' && isOfIt(event));
    assert.deepEqual(last.owner, owner);
    const types = watch.told.filter(isOfIt).map((event) => event.type);
    assert.deepEqual(types, [type, 'destroyed']);
    const others = watch.told.filter((event) => event.type !== 'nsidAssigned' && !isOfIt(event));
    assert.equal(others.filter(({ namespace }) => namespace?.ino === inode).length, 0);
    if (at === 0) note(`destroyed ${Date.parse(last.time) - ends} ms after its end was asked for`);
  }
}

function isIn(pid: number, inode: string): boolean {
  try {
    return namespaceOf(pid) === inode;
  } catch {
    return false;
  }
}

/**
 * What a runtime does step by step, told by who looks at once: whose it is may be wrong when it is
 * found, and never for long.
 */
async function lookStepByStep({ begin, owner, end }: Unnamed, note: (text: string) => void): Promise<void> {
  await using eager = await Eager.start();
  const pid = Number(await begin());
  note(await eager.tell(pid, await owner(pid)));
  const number = eager.numberOf(pid);
  await end(pid);
  await waitFor('its end', () => eager.isGone(number));
}

/** Looks so often that it sees what a runtime does step by step. */
class Eager implements AsyncDisposable {
  readonly #watcher: UnifiedNamespaceWatcher;
  readonly #found: NamespaceFoundEvent[] = [];
  readonly #ended: Promise<void>;

  static async start(): Promise<Eager> {
    const options = { directory: NO_NAMES, deaths: 'require', unnamed: true } as const;
    const { watcher } = await UnifiedNamespaceWatcher.listAndWatch(options, hastyIo());
    return new Eager(watcher);
  }

  private constructor(watcher: UnifiedNamespaceWatcher) {
    this.#watcher = watcher;
    this.#ended = this.#take();
  }

  /** Waits until it knows whose the namespace of this process is. */
  async tell(pid: number, owner: ProcessOwner | null): Promise<string> {
    await waitFor(`whose that of ${pid} is`, () => {
      const entry = this.#watcher.entryOfProcess(pid);
      return JSON.stringify(entry?.owner) === JSON.stringify(owner);
    });
    const number = this.numberOf(pid);
    const first = this.#found.find((event) => event.number === number);
    const by = first?.pids.includes(pid) === true ? 'its process' : 'another process';
    return `who looks at once finds it by ${by}, owner ${JSON.stringify(first?.owner?.kind ?? null)}`;
  }

  numberOf(pid: number): number | null | undefined {
    return this.#watcher.entryOfProcess(pid)?.number;
  }

  isGone(number: number | null | undefined): boolean {
    return !this.#watcher.namespaces().some((entry) => entry.number === number);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watcher.stop();
    await this.#ended;
  }

  async #take(): Promise<void> {
    for await (const event of this.#watcher) if (event.type === 'found') this.#found.push(event);
  }
}

/** An ordinary user may not search the directories that the package and Node may lie in. */
async function makeReadable(): Promise<void> {
  try {
    mkdirSync(OPEN);
  } catch {
    return;
  }
  mkdirSync(NO_NAMES);
  mkdirSync(`${OPEN}/package`);
  writeFileSync(`${OPEN}/node`, '', { mode: 0o755 });
  await output('mount', '--bind', packageRoot(), `${OPEN}/package`);
  await output('mount', '--bind', process.execPath, `${OPEN}/node`);
}

function packageRoot(): string {
  return dirname(dirname(dirname(MAIN)));
}
