/**
 * What falls between two system calls of a watcher's start, or of what it does after a loss:
 * somebody else does something real to names, namespaces and ids before the n-th of these calls,
 * for each n. The snapshot and the events after it come to what is there, and whoever had a name
 * and an id then is told by both when it ends.
 */
import { strict as assert } from 'node:assert';
import { readdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { cPath } from '../../../src/reference/names.ts';
import { linux } from '../../../src/sys/system.ts';
import { netlinkSystem } from '../../../src/sys/socket.ts';
import type { NetlinkSystem } from '../../../src/sys/socket.ts';
import type { InventoryEntry } from '../../../src/watch/unified/unified-events.ts';
import { hastyClock, noDiagnosis } from '../support/fast-clock.ts';
import { Assigner, Interference } from '../support/interference.ts';
import { Losses } from '../support/losses.ts';
import {
  addAlias,
  addNamespace,
  deleteNamespace,
  mountNamespace,
  netnsDirectory,
  unmountNamespace,
} from '../../support/netns.ts';
import { freshTable } from '../../support/nsids.ts';
import { UnifiedReplay } from '../support/unified-replay.ts';

const OWN = '/proc/self/ns/net';

/**
 * At first: `a` has the id 3; `b` and `c` have none, and `b` is also `b2`; on `bare` nothing is
 * mounted. In another directory, which is not watched: `x` has the id 9, `y` none.
 */
class Host {
  readonly directory = netnsDirectory();
  readonly #elsewhere = netnsDirectory();
  readonly #assigner: Assigner;
  /** Whether a namespace is held open at the moment, so that none need be freed now. */
  holds = false;

  constructor(assigner: Assigner) {
    this.#assigner = assigner;
    for (const name of ['a', 'b', 'c', 'x', 'y']) this.add(name);
    this.alias('b', 'b2');
    writeFileSync(this.#path('bare'), '', { mode: 0 });
    this.assign('a', 3);
    this.assign('x', 9);
  }

  add(name: string): void {
    addNamespace(this.#path(name));
  }

  alias(of: string, name: string): void {
    addAlias(of === OWN ? OWN : this.#path(of), this.#path(name));
  }

  mount(name: string): void {
    mountNamespace(this.#path(name));
  }

  unmount(name: string): void {
    unmountNamespace(this.#path(name));
  }

  delete(name: string): void {
    deleteNamespace(this.#path(name));
  }

  assign(name: string, nsid: number): void {
    this.#assigner.assign(name === OWN ? OWN : this.#path(name), nsid);
  }

  /**
   * Deletes a name whose namespace has this id, and waits until that is free, unless it is held.
   */
  destroy(name: string, nsid: number): void {
    if (this.holds) this.delete(name);
    else this.#assigner.destroy(this.#path(name), nsid);
  }

  /** All names go. */
  clear(): void {
    for (const directory of [this.directory, this.#elsewhere])
      for (const name of readdirSync(directory)) {
        const path = `${directory}/${name}`;
        while (linux().umount(cPath(path), 0) === 0) continue;
        unlinkSync(path);
      }
  }

  #path(name: string): string {
    return `${name < 'x' ? this.directory : this.#elsewhere}/${name}`;
  }
}

const SCRIPTS: Record<string, (host: Host) => void> = {
  'a name gets an id': (host) => host.assign('b', 5),
  'the last one and the first one get ids': (host) => {
    host.assign('c', 0);
    host.assign('b', 1);
  },
  'one without a name gets an id': (host) => host.assign('y', 5),
  'the own one gets an id': (host) => host.assign(OWN, 5),
  'the own one gets a name and an id': (host) => {
    host.alias(OWN, 'd');
    host.assign(OWN, 5);
  },
  'a name comes': (host) => host.add('d'),
  'a name comes and gets an id': (host) => {
    host.add('d');
    host.assign('d', 5);
  },
  'one that has an id gets a name': (host) => host.alias('x', 'd'),
  'a file gets a namespace, and that an id': (host) => {
    host.mount('bare');
    host.assign('bare', 5);
  },
  'one that has an id loses its name': (host) => host.delete('a'),
  'one that has an id ends': (host) => host.destroy('a', 3),
  'one that has an id is unmounted': (host) => host.unmount('a'),
  'a name is made again, with another id': (host) => {
    host.delete('a');
    host.add('a');
    host.assign('a', 5);
  },
  'a name is made again, with the same id': (host) => {
    host.destroy('a', 3);
    host.add('a');
    host.assign('a', 3);
  },
  'a file gets another namespace, with an id': (host) => {
    host.unmount('c');
    host.mount('c');
    host.assign('c', 5);
  },
  'one is mounted over another': (host) => {
    host.mount('a');
    host.assign('a', 5);
  },
  'an id goes from one name to another': (host) => {
    host.destroy('a', 3);
    host.assign('b', 3);
  },
  'an id goes from a name to one without': (host) => {
    host.destroy('a', 3);
    host.assign('y', 3);
  },
  'an id goes from one without a name to a name': (host) => {
    host.destroy('x', 9);
    host.assign('b', 9);
  },
  'an id comes and goes': (host) => {
    host.assign('c', 5);
    host.destroy('c', 5);
  },
  'an id comes and goes, and comes to another': (host) => {
    host.assign('c', 5);
    host.destroy('c', 5);
    host.assign('b', 5);
  },
  'two ids are exchanged for new names': (host) => {
    host.assign('c', 5);
    host.destroy('c', 5);
    host.destroy('a', 3);
    host.add('a');
    host.add('c');
    host.assign('a', 5);
    host.assign('c', 3);
  },
};

/** Whoever had both a name and an id is told by both at its end. */
function assertKnown(had: readonly InventoryEntry[], told: readonly string[]): void {
  for (const { nsid, names, own } of had) {
    if (nsid === null || own || names.length === 0) continue;
    assert(
      told.some((line) => line.startsWith(`destroyed #${nsid} `)),
      `the end of #${nsid}, which has names, in ${told.join(', ')}`,
    );
    for (const { name } of names) assert(!told.includes(`deleted ${name}`), `whether that of ${name} lives`);
  }
}

type Open = (system: NetlinkSystem) => Promise<UnifiedReplay>;

/**
 * What is cut in two at each call: opens a watcher. `armed` is called when the calls begin to
 * count, `done` when they do no more.
 */
type Play = (
  open: Open,
  host: Host,
  around: { armed: () => void; done: () => void },
) => Promise<UnifiedReplay>;

const start: Play = async (open, _, { armed, done }) => {
  armed();
  const replay = await open(netlinkSystem());
  done();
  return replay;
};

const afterLoss =
  (kind: 'names' | 'nsids'): Play =>
  async (open, host, { armed, done }) => {
    const losses = new Losses(netlinkSystem());
    const replay = await open(losses.system);
    await replay.settle();
    armed();
    losses[kind] = true;
    // What wakes it, so that it finds that something was lost.
    if (kind === 'names') host.add('e');
    else host.assign('c', 7);
    await replay.until(`resynced ${kind}`);
    done();
    return replay;
  };

const PLAYS: Record<string, Play> = {
  'the start': start,
  'after a loss of names': afterLoss('names'),
  'after a loss of ids': afterLoss('nsids'),
};

/**
 * Plays once, with the script before the call of this number. @returns how many calls there were
 */
async function run(t: TestContext, play: Play, script: (host: Host) => void, at: number): Promise<number> {
  freshTable(t);
  const assigner = new Assigner();
  const host = new Host(assigner);
  let replay: UnifiedReplay | null = null;
  let interference: Interference | null = null;
  let calls = 0;
  const open: Open = async (system) => {
    interference = new Interference(system);
    const io = { system: interference.system, clock: hastyClock, diagnosis: noDiagnosis };
    if (armed) arm();
    return UnifiedReplay.open(t, { directory: host.directory, bufferSize: 4 }, io);
  };
  let armed = false;
  const arm = (): void =>
    interference?.arm(at, (holds) => {
      host.holds = holds;
      script(host);
    });
  try {
    replay = await play(open, host, {
      armed: () => {
        armed = true;
        arm();
      },
      done: () => {
        calls = interference?.calls ?? 0;
        interference?.disarm();
      },
    });
    await replay.settle();
    const had = replay.watcher.namespaces();
    const own = had.filter((entry) => entry.own && entry.nsid !== null).map(({ nsid }) => nsid as number);
    host.clear();
    assertKnown(had, await replay.settleAt(...own));
  } catch (error) {
    const told = replay?.told.join(', ') ?? 'nothing';
    throw new Error(`before call ${at}; told ${told}: ${(error as Error).message}`, { cause: error });
  } finally {
    host.clear();
    assigner.close();
    await replay?.close();
  }
  return calls;
}

/**
 * @param every how many calls lie between those that are tried, so that each is by one script or
 * other
 */
export function testStartSteps(every: number): void {
  for (const [what, play] of Object.entries(PLAYS)) {
    for (const [index, [title, script]] of Object.entries(SCRIPTS).entries()) {
      test(`${what}, cut in two at calls: ${title}`, async (t) => {
        let calls = Infinity;
        let at = index % every;
        for (; at < calls; at += every)
          await t.test(`before call ${at}`, async (t) => {
            calls = await run(t, play, script, at);
          });
        t.diagnostic(`${calls} calls`);
        assert(at > 20);
      });
    }
  }
}
