/**
 * What is found by some words, host by host; what was found is kept for as long as the host is the
 * same. Hosts that are found themselves come first, those that are called so before them: of many,
 * only some are told.
 *
 * | of a host  | means                                | on                         | next    |
 * | ---------- | ------------------------------------ | -------------------------- | ------- |
 * | unknown    | it was not looked into               | its turn                   | looked  |
 * | looked     | what is found on it is known         | something of it is another | old     |
 * | old        | what was found last stands meanwhile | its turn                   | looked  |
 *
 * A look at all of them ends when enough is found, or when nobody has asked for a while; the next
 * one goes on from there.
 */
import { setImmediate } from 'node:timers/promises';
import { termsOf } from '../../core.ts';
import type { Term } from '../../core.ts';
import type { FleetWatcher } from '../../fleet-watcher.ts';
import { isOfHost, isOfHostAlone, wordsOf } from '../../page/model/of-host.ts';
import type { FleetHost } from '../../reader/fleet-types.ts';
import { itself } from './found.ts';
import type { Found, FoundHost } from './found.ts';
import type { HostLooks } from './host-looks.ts';

const MOST_HOSTS = 100;
/** Milliseconds: of one piece of work, and after which nobody waits for an answer any more. */
const TIME = { piece: 20, idle: 3000 };

interface Turn {
  readonly host: FleetHost;
  readonly rank: number;
  /** Words that are not of the host itself. */
  readonly rest: readonly string[];
}

export class Query {
  readonly text: string;
  readonly #words: readonly string[];
  readonly #terms: ReadonlyMap<string, Term>;
  readonly #source: FleetWatcher;
  readonly #looks: HostLooks;
  readonly #now: () => number;
  readonly #looked = new Map<string, { of: string; found: FoundHost | null }>();
  #looking: Promise<void> | null = null;
  #askedAt = 0;

  /** @param now milliseconds that only grow */
  constructor(text: string, source: FleetWatcher, looks: HostLooks, now: () => number) {
    this.text = text;
    this.#words = wordsOf(text);
    this.#terms = new Map(this.#words.map((word) => [word, termsOf(word)[0] as Term]));
    this.#source = source;
    this.#looks = looks;
    this.#now = now;
  }

  get isLooking(): boolean {
    return this.#looking !== null;
  }

  /** Looks into all hosts that are not as they were. */
  look(): Promise<void> {
    this.#askedAt = this.#now();
    this.#looking ??= this.#look().finally(() => (this.#looking = null));
    return this.#looking;
  }

  /** By what is known now. */
  answer(): Found {
    const hosts: FoundHost[] = [];
    let pending = 0;
    for (const { host } of this.#turns()) {
      const known = this.#looked.get(host.id);
      if (known?.of !== versionOf(host)) pending++;
      const found = known?.found ?? null;
      if (found === null) continue;
      if (hosts.length === MOST_HOSTS) return { query: this.text, hosts, more: true, pending: 0 };
      hosts.push(found);
    }
    return { query: this.text, hosts, more: false, pending };
  }

  async #look(): Promise<void> {
    const turns = this.#turns();
    const there = new Set(turns.map(({ host }) => host.id));
    for (const id of this.#looked.keys()) if (!there.has(id)) this.#looked.delete(id);
    let piece = this.#now() + TIME.piece;
    let count = 0;
    for (const turn of turns) {
      // One more than are told says that there are more.
      if (this.#lookAt(turn) !== null && ++count > MOST_HOSTS) return;
      if (this.#now() < piece) continue;
      await setImmediate();
      if (this.#now() - this.#askedAt > TIME.idle) return;
      piece = this.#now() + TIME.piece;
    }
  }

  #lookAt({ host, rest }: Turn): FoundHost | null {
    const of = versionOf(host);
    const known = this.#looked.get(host.id);
    if (known?.of === of) return known.found;
    const found = rest.length === 0 ? itself(host) : this.#find(host, rest);
    this.#looked.set(host.id, { of, found });
    return found;
  }

  #find(host: FleetHost, rest: readonly string[]): FoundHost | null {
    if (rest.some(isOfHostAlone)) return null;
    const terms = rest.map((word) => this.#terms.get(word) as Term);
    return this.#looks.find(host, terms, rest.join(' '));
  }

  #turns(): Turn[] {
    const turns = this.#source.hosts().map((host): Turn => {
      const rest = this.#words.filter((word) => !isOfHost(word, host));
      return { host, rest, rank: rest.length > 0 ? 2 : this.#isCalled(host) ? 0 : 1 };
    });
    return [0, 1, 2].flatMap((rank) => turns.filter((turn) => turn.rank === rank));
  }

  /** Whether a word is all of its name, or of its id. */
  #isCalled({ id, name }: FleetHost): boolean {
    const called = new Set([name.toLowerCase(), id.toLowerCase()]);
    return this.#words.some((word) => called.has(word.replace(/^host:/, '')));
  }
}

/** Of what is told of it: another one when any of that may be another. */
const versionOf = ({ epoch, seq, picture, name, state }: FleetHost): string =>
  `${epoch} ${seq} ${picture} ${state} ${name}`;
