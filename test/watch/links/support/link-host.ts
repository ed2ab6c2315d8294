/**
 * Namespaces that links go between: the test's own, some with names, some that only a process is
 * in, some that only a descriptor holds. Each has a marker by which it is known from inside.
 */
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { check } from '../../../../src/sys/errno.ts';
import { linux } from '../../../../src/sys/system.ts';
import { addNamespace, deleteNamespace, spawnHolder } from '../../../support/netns.ts';
import type { Holder } from '../../../support/netns.ts';
import { MARKER } from './graph-view.ts';
import { LinkRequests } from './link-requests.ts';

const CLONE_NEWNET = 0x40000000;
/** Where `ip netns` has its names. */
const DIRECTORY = '/run/netns';

/** By what a namespace can be known, but for its links. */
export type Hold = 'own' | 'name' | 'process' | 'descriptor';

/** What others than its maker have to know of a namespace. */
export interface PlaceView {
  label: string;
  hold: Hold;
  /** From any process. */
  path: string;
  /** Whether those who watch now knew it by its name, which it has lost. */
  isLingering: boolean;
}

/**
 * Whether whoever knows nothing of links can know of a namespace.
 * @param processes whether also by its processes
 */
export function isKnown({ hold, isLingering }: PlaceView, processes: boolean): boolean {
  if (hold === 'descriptor') return isLingering;
  return hold !== 'process' || processes;
}

export class Place implements PlaceView {
  readonly label: string;
  hold: Hold;
  /** The name that it has, or had. */
  readonly name: string | null;
  path: string;
  /** What keeps it, beside its name. */
  holder: Holder | null = null;
  descriptor: number | null = null;
  isLingering = false;

  constructor(label: string, hold: Hold, path: string, name: string | null = null) {
    this.label = label;
    this.hold = hold;
    this.path = path;
    this.name = name;
  }
}

export class LinkHost {
  readonly own: Place;
  #places: Place[] = [];
  #made = 0;
  readonly #t: Pick<TestContext, 'after'>;

  /** In the present namespace of this thread, which must be the test's own. */
  constructor(t: Pick<TestContext, 'after'>) {
    this.#t = t;
    // A path that leads there from wherever this thread is just now.
    const own = openSync('/proc/thread-self/ns/net', 'r');
    this.own = new Place('own', 'own', `/proc/${process.pid}/fd/${own}`);
    this.#places.push(this.own);
    if (!existsSync(DIRECTORY)) mkdirSync(DIRECTORY, { mode: 0o755 });
    mark(this.own);
    t.after(() => {
      this.clear();
      closeSync(own);
    });
  }

  /** Those that live. */
  get places(): readonly Place[] {
    return this.#places;
  }

  named(name: string): Place | undefined {
    return this.#places.find((place) => place.hold === 'name' && place.name === name);
  }

  /** As `ip netns add`. */
  addNamed(name: string): Place {
    const path = `${DIRECTORY}/${name}`;
    addNamespace(path);
    return this.#add(new Place(this.#label(name), 'name', path, name));
  }

  /** As `ip netns del`. What also holds it by a descriptor lives on. */
  unname(place: Place, keep: boolean): void {
    const fd = keep ? openSync(place.path, 'r') : null;
    deleteNamespace(place.path);
    if (fd === null) this.#forget(place);
    else hold(place, fd);
    place.isLingering = true;
  }

  /** Whoever begins to watch now knows of no name that was there before. */
  forgetNames(): void {
    for (const place of this.#places) place.isLingering = false;
  }

  async addInhabited(): Promise<Place> {
    const holder = await spawnHolder(this.#t);
    const place = new Place(this.#label('p'), 'process', `/proc/${holder.pid}/ns/net`);
    place.holder = holder;
    return this.#add(place);
  }

  /** Its process ends. @param keep a descriptor holds it from then on */
  async leave(place: Place, keep: boolean): Promise<void> {
    const { holder } = place;
    place.holder = null;
    if (keep) hold(place, openSync(place.path, 'r'));
    else this.#forget(place);
    await holder?.end();
  }

  /** One that nothing leads to. */
  addHeld(): Place {
    const system = linux();
    const back = openSync('/proc/thread-self/ns/net', 'r');
    check(system.unshare(CLONE_NEWNET), 'unshare');
    const fd = openSync('/proc/thread-self/ns/net', 'r');
    check(system.setns(back, CLONE_NEWNET), 'setns');
    closeSync(back);
    const place = new Place(this.#label('h'), 'descriptor', '');
    hold(place, fd);
    return this.#add(place);
  }

  release(place: Place): void {
    this.#forget(place);
    if (place.descriptor !== null) closeSync(place.descriptor);
    place.descriptor = null;
  }

  /** Ends all but the test's own, in which no link is left. */
  clear(): void {
    for (const place of [...this.#places]) {
      if (place.hold === 'name') this.unname(place, false);
      else if (place.hold === 'descriptor') this.release(place);
      else if (place.hold === 'process') void this.leave(place, false);
    }
    LinkRequests.inside(this.own.path, (requests) => {
      for (const { index } of requests.list().filter(({ name }) => name !== 'lo')) {
        try {
          requests.remove(index);
        } catch (error) {
          // With the other end of a pair, or with what it stood upon.
          if ((error as { code?: string }).code !== 'ENODEV') throw error;
        }
      }
    });
  }

  #label(stem: string): string {
    return `${stem}-${++this.#made}`;
  }

  #add(place: Place): Place {
    mark(place);
    this.#places.push(place);
    return place;
  }

  #forget(place: Place): void {
    this.#places = this.#places.filter((other) => other !== place);
  }
}

function hold(place: Place, fd: number): void {
  place.hold = 'descriptor';
  place.descriptor = fd;
  place.path = `/proc/${process.pid}/fd/${fd}`;
}

const mark = ({ label, path }: Place): void =>
  LinkRequests.inside(path, (requests) => requests.add('bridge', { name: `${MARKER}${label}`, index: 0 }));
