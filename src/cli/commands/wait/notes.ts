/**
 * What `nlink wait` says on stderr of names that are there and cannot be entered, since most
 * reasons do not go away by themselves.
 */
import { shown } from '../../../format/escape.ts';
import type { Io } from '../../host/io.ts';
import { note } from '../../output/output.ts';
import { Remedies, whyOf } from '../../output/verdict-text.ts';
import type { NotReadyName } from '../../output/verdict-text.ts';

/** For how long a file without a namespace may be one that is just being made, in milliseconds. */
const MAKING = 1000;

/** Reasons that go away as soon as the maker is done. */
const PASSING: ReadonlySet<NotReadyName['reason']> = new Set(['not-a-namespace', 'pending', 'unmounted']);

/** A name that is there and cannot be entered. */
type Unready = NotReadyName & { name: string };

export class Notes {
  readonly #io: Io;
  readonly #said = new Set<string>();
  readonly #held: (() => void)[] = [];
  readonly #remedies: Remedies;

  /** @param proc where procfs is mounted */
  constructor(io: Io, proc: string) {
    this.#io = io;
    this.#remedies = new Remedies(proc, { ofFiles: false });
  }

  /** @param names those that are waited for */
  unready(unready: Unready, names: readonly string[]): void {
    const { name, reason } = unready;
    if (!names.includes(name) || reason === 'vanished') return;
    if (!PASSING.has(reason)) this.#say(unready);
    else this.#held.push(this.#io.after(MAKING, () => this.#say(unready)));
  }

  /** Says no more. */
  forget(): void {
    for (const cancel of this.#held) cancel();
  }

  #say(unready: Unready): void {
    const { name, reason } = unready;
    if (this.#said.has(`${reason} ${name}`)) return;
    this.#said.add(`${reason} ${name}`);
    note(`${shown(name)} exists, but is not ready (${reason}): ${whyOf(unready)}; still waiting`, this.#io);
    const remedy = this.#remedies.next(unready);
    if (remedy !== undefined) note(remedy, this.#io);
  }
}
