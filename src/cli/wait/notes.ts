/** What `nlink wait` says on stderr of names that are there and cannot be entered, since most reasons do not go away by themselves. */
import type { NotReadyReason } from '../../netns/observe.ts';
import { shown } from '../escape.ts';
import type { Io } from '../io.ts';
import { note } from '../output.ts';
import { REASONS, REMEDIES } from '../reasons.ts';

/** For how long a file without a namespace may be one that is just being made, in milliseconds. */
const MAKING = 1000;

export class Notes {
  readonly #io: Io;
  readonly #said = new Set<string>();
  readonly #held: (() => void)[] = [];

  constructor(io: Io) {
    this.#io = io;
  }

  /** @param names those that are waited for */
  unready(name: string, reason: NotReadyReason, names: readonly string[]): void {
    if (!names.includes(name) || reason === 'vanished') return;
    if (reason !== 'not-a-namespace') this.#say(name, reason);
    else this.#held.push(this.#io.after(MAKING, () => this.#say(name, reason)));
  }

  /** Says no more. */
  forget(): void {
    for (const cancel of this.#held) cancel();
  }

  #say(name: string, reason: NotReadyReason): void {
    if (this.#said.has(`${reason} ${name}`)) return;
    this.#said.add(`${reason} ${name}`);
    note(`${shown(name)} is there, but not ready (${reason}): ${REASONS[reason]}; waiting on`, this.#io);
    const remedy = REMEDIES[reason];
    if (remedy !== undefined && !this.#said.has(reason)) note(remedy, this.#io);
    this.#said.add(reason);
  }
}
