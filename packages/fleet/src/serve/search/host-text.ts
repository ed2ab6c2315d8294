/**
 * All that can be found on a host, as an index of the core's search (search-index.ts): where that
 * of a namespace has what is of it, this has what is of all of them. So a host without a word in
 * it is passed over without a picture of it. More is in it than a search finds, never less, but for
 * the number in the label of a namespace whose name is that of another's owner as well.
 */
import { isIn, stateText } from '../../core.ts';
import type {
  SearchIndex,
  Term,
  TextField,
  WireEvent,
  WireLink,
  WireSnapshot,
  WireWhere,
} from '../../core.ts';

type LinkState = Parameters<typeof stateText>[0]['state'];
type Row = Partial<WireWhere> & {
  name?: string | null;
  path?: string;
  linksState?: string | null;
};

/** Labels of namespaces that stand nowhere. */
const LABELS: readonly string[] = ['(this namespace)', '?'];
/** What labels of those are made of that have no name. */
const NUMBERS: readonly string[] = ['inode:', 'nsid:', 'pid:', 'number:'];
/** Of a namespace to which something has happened. */
const STATES: readonly string[] = ['live', 'limited', 'lingering'];
/** Words of a search for which no row has a text. */
export const UNWRITTEN: readonly string[] = [...LABELS, ...NUMBERS, ...STATES, 'up', 'down', 'no-carrier'];

export class HostText implements SearchIndex {
  readonly plain: string;
  readonly words: string;
  readonly numbers: string;
  readonly mac: string;

  private constructor(sets: Sets) {
    this.plain = linesOf(sets.plain);
    this.words = linesOf(sets.words);
    this.numbers = linesOf(sets.numbers);
    this.mac = linesOf(sets.macs);
  }

  static ofSnapshot({ namespaces, links }: WireSnapshot): HostText {
    const sets = new Sets();
    for (const row of namespaces) {
      sets.row(row, row.name === null && !row.own);
      if (row.lingering === true) sets.words.add('state lingering');
    }
    for (const link of links) {
      const { name: _, ...where } = link;
      sets.row(where, (where.names ?? []).length === 0 && !where.own);
      sets.link(link);
    }
    return new HostText(sets);
  }

  /** @param events as they were told */
  static ofEvents(events: readonly WireEvent[]): HostText {
    const sets = new Sets();
    for (const state of STATES) sets.words.add(`state ${state}`);
    for (const event of events) {
      sets.row(event, true);
      if (event.link !== undefined) sets.link(event.link);
      if (event.from !== undefined) sets.row(event.from, true);
    }
    return new HostText(sets);
  }

  /** Whether something on it may have this. */
  mayHave(term: Term): boolean {
    return isIn(term, this, []);
  }

  /** What may be a name, and what an owner, is not told apart. */
  readonly texts = (): [TextField, string][] => [
    ['name', this.plain],
    ['owner', this.plain],
  ];
}

const linesOf = (lines: ReadonlySet<string>): string =>
  lines.size === 0 ? '' : `\n${[...lines].join('\n')}\n`.toLowerCase();

class Sets {
  readonly plain = new Set<string>(LABELS);
  readonly words = new Set<string>();
  readonly numbers = new Set<string>();
  readonly macs = new Set<string>();

  /** @param isNumbered whether a number may be part of its label */
  row(row: Row, isNumbered: boolean): void {
    const { name, path, names, nsid, number, namespace, pids, owner, linksState } = row;
    this.#text(name);
    this.#text(path);
    for (const one of names ?? []) {
      this.#text(one.name);
      this.#text(one.path);
    }
    this.#number('nsid', nsid, isNumbered);
    this.#number('number', number, isNumbered);
    for (const pid of pids ?? []) this.#number('pid', pid, isNumbered);
    // An event that is of no namespace may say nothing of one.
    if (namespace !== null && namespace !== undefined) {
      this.#number('inode', namespace.ino, isNumbered);
      this.#number('id', namespace.id, false);
    }
    if (owner !== null && owner !== undefined) {
      this.plain.add(`${owner.kind} ${owner.name}`);
      this.#text(owner.id);
    }
    if (typeof linksState === 'string') this.words.add(`state ${linksState}`);
  }

  link({ name, altNames, alias, kind, state, up, peerState, address, ifindex }: WireLink): void {
    this.#text(name);
    for (const other of altNames) this.#text(other);
    this.#text(alias);
    if (kind !== null) this.words.add(`kind ${kind}`);
    if (state !== null && up !== null)
      this.words.add(`state ${stateText({ state: state as LinkState, up })}`);
    if (peerState !== null) this.words.add(`state ${peerState}`);
    if (address !== null) this.macs.add(address);
    this.#number('index', ifindex, false);
  }

  #text(text: string | null | undefined): void {
    if (typeof text === 'string') this.plain.add(text);
  }

  #number(what: string, value: string | number | null | undefined, isLabel: boolean): void {
    if (value === null || value === undefined) return;
    this.numbers.add(`${what} ${value}`);
    if (isLabel) this.plain.add(`${what}:${value}`);
  }
}
