/**
 * Does on the real kernel what unnamed-operations.ts says, within one turn of the event loop. What
 * is not possible at the moment fails, and changes nothing.
 */
import { strict as assert } from 'node:assert';
import { closeSync, constants, existsSync, openSync, unlinkSync, writeFileSync } from 'node:fs';
import { cPath } from '../../../src/reference/names.ts';
import { check } from '../../../src/sys/errno.ts';
import { O_PATH } from '../../../src/sys/flags.ts';
import { bind } from '../../../src/sys/library.ts';
import { linux } from '../../../src/sys/system.ts';
import { sendDescriptors, SOCK_CLOEXEC, SOCK_DGRAM, socketPair } from '../../support/in-flight.ts';
import {
  addAlias,
  addNamespace,
  deleteNamespace,
  mountNamespace,
  netnsDirectory,
  unmountNamespace,
} from '../../support/netns.ts';
import { Assigner } from './interference.ts';
import { MOVERS, PLACES } from './unnamed-operations.ts';
import type { Holding, Mover, Place, Slot, UnnamedOperation, Whose } from './unnamed-operations.ts';
import { Lifeline, MovingProcess, within } from './unnamed-processes.ts';
import type { Process } from './unnamed-processes.ts';
import { MadeNamespaces } from './unnamed-truth.ts';

const OWN = '/proc/thread-self/ns/net';
const AF_INET = 2;

type Change = Extract<
  UnnamedOperation,
  { do: 'add' | 'del' | 'touch' | 'mount' | 'unmount' | 'unlink' }
>['do'];

/** What keeps a namespace. */
interface Hold {
  id: bigint;
  /** Leads to it; null: nothing does. */
  path: string | null;
  release: () => void;
}

export class UnnamedHost {
  readonly directories: readonly string[];
  readonly made: MadeNamespaces = new MadeNamespaces();
  /** All that were not ended yet. */
  readonly processes: Set<Process> = new Set();
  readonly holds: Hold[] = [];
  readonly #elsewhere = netnsDirectory();
  readonly #assigner = new Assigner();
  readonly #lifeline = new Lifeline();
  readonly #movers: Readonly<Record<Mover, MovingProcess>>;
  readonly #slots = new Map<Slot, Process>();
  readonly #ended: Promise<void>[] = [];
  #mounts = 0;

  constructor(directories: readonly string[]) {
    this.directories = directories;
    this.#movers = { m0: MovingProcess.start(), m1: MovingProcess.start() };
    for (const mover of MOVERS) this.processes.add(this.#movers[mover]);
  }

  /** Awaits nothing. @returns whether it was possible */
  perform(operation: UnnamedOperation): boolean {
    try {
      this.#perform(operation);
      return true;
    } catch {
      return false;
    }
  }

  /** Takes away all there is. */
  clear(): void {
    while (this.holds.length > 0) this.perform({ do: 'release', which: 0 });
    for (const slot of this.#slots.keys()) this.perform({ do: 'end', slot });
    for (const mover of MOVERS) {
      this.perform({ do: 'join', mover });
      this.perform({ do: 'move', mover, to: 'own' });
    }
    // A file that is mounted elsewhere, with something mounted on it there, cannot be unlinked
    // before.
    for (const at of PLACES) while (this.perform({ do: 'unmount', at }));
    for (const at of PLACES) this.perform({ do: 'unlink', at });
  }

  async close(): Promise<void> {
    this.clear();
    await Promise.all([...this.#ended, ...MOVERS.map((mover) => this.#movers[mover].end())]);
    this.#lifeline.close();
    this.#assigner.close();
    this.made.close();
  }

  pathOf(place: Place): string {
    const [directory = '', name = ''] = place.split('/');
    return `${this.directories[Number(directory)]}/${name}`;
  }

  #perform(operation: UnnamedOperation): void {
    switch (operation.do) {
      case 'start':
        return this.#start(operation.slot, operation.in);
      case 'end':
        return this.#end(operation.slot);
      case 'move':
      case 'thread':
      case 'join':
        return this.#move(operation);
      case 'hold':
        this.holds.push(this.#hold(this.#of(operation.of), operation.by));
        return;
      case 'release':
        this.holds.splice(operation.which, 1).forEach(({ release }) => release());
        return;
      case 'assign':
        this.#assigner.assign(this.#of(operation.of), operation.nsid);
        return;
      case 'alias':
        return addAlias(this.#of(operation.of), this.pathOf(operation.at));
      default:
        this.#change(operation.do, this.pathOf(operation.at));
    }
  }

  #change(what: Change, path: string): void {
    switch (what) {
      case 'add':
        addNamespace(path);
        this.made.note(path);
        return;
      case 'mount':
        mountNamespace(path);
        this.made.note(path);
        return;
      case 'del':
        return deleteNamespace(path);
      case 'touch':
        return writeFileSync(path, '', { flag: 'wx', mode: 0 });
      case 'unmount':
        return unmountNamespace(path);
      default:
        return unlinkSync(path);
    }
  }

  #start(slot: Slot, where: Whose | 'new'): void {
    const path = where === 'new' ? null : this.#of(where);
    const started = within(path, () => {
      if (path === null) this.made.note(OWN);
      return this.#lifeline.start();
    });
    this.#end(slot);
    this.#slots.set(slot, started);
    this.processes.add(started);
  }

  #end(slot: Slot): void {
    const process = this.#slots.get(slot);
    if (process === undefined) return;
    this.#slots.delete(slot);
    const ended = process.end().then(() => void this.processes.delete(process));
    this.#ended.push(ended);
  }

  #move(operation: Extract<UnnamedOperation, { mover: Mover }>): void {
    const mover = this.#movers[operation.mover];
    if (operation.do !== 'move') {
      mover.tell(operation.do);
      if (operation.do === 'thread') for (const path of mover.namespaces()) this.made.note(path);
      return;
    }
    const { to } = operation;
    if (to === 'new') mover.tell('unshare');
    else assert(mover.tell('enter', this.#of(to).replace('thread-self', String(process.pid))));
    if (to === 'new') this.made.note(mover.namespace);
  }

  #of(whose: Whose): string {
    if (whose === 'own') return OWN;
    if (whose === 'held') return this.holds.findLast(({ path }) => path !== null)?.path ?? '';
    if (whose === 'm0' || whose === 'm1') return this.#movers[whose].namespace;
    if (whose === 'p0' || whose === 'p1' || whose === 'p2') return this.#slots.get(whose)?.namespace ?? '';
    return this.pathOf(whose);
  }

  #hold(of: string, by: Holding): Hold {
    const { id } = this.made.identify(of);
    switch (by) {
      case 'descriptor':
        return held(id, openSync(of, 'r'));
      case 'path':
        return held(id, check(linux().open(cPath(of), O_PATH | constants.O_RDONLY), 'open', of));
      case 'socket':
        return kept(id, within(of, openSocket));
      case 'tun': {
        const device = '/dev/net/tun';
        assert(existsSync(device));
        return kept(
          id,
          within(of, () => openSync(device, 'r+')),
        );
      }
      case 'mount': {
        const path = `${this.#elsewhere}/${++this.#mounts}`;
        addAlias(of, path);
        return { id, path, release: () => deleteNamespace(path) };
      }
      default:
        return inFlight(id, of);
    }
  }
}

const kept = (id: bigint, fd: number): Hold => ({ id, path: null, release: () => closeSync(fd) });
const held = (id: bigint, fd: number): Hold => ({ ...kept(id, fd), path: `/proc/${process.pid}/fd/${fd}` });

function inFlight(id: bigint, path: string): Hold {
  const ends = socketPair(SOCK_DGRAM | SOCK_CLOEXEC);
  const fd = openSync(path, 'r');
  sendDescriptors(ends[0], fd);
  closeSync(fd);
  return { id, path: null, release: () => ends.forEach((end) => closeSync(end)) };
}

const openSocket = (): number =>
  check(
    bind('int socket(int domain, int type, int protocol)')(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0),
    'socket',
  );
