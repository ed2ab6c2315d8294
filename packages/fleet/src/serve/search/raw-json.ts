/**
 * JSON as it came, in which words are looked for before anything is made of it: that costs a tenth.
 * Where it has them, perhaps as names of fields, a {@link HostText} tells.
 */
import type { Term } from '../../core.ts';
import { UNWRITTEN } from './host-text.ts';

/** What JSON has as it is. */
const PLAIN = /^[ !#-[\]-~]*$/;

export class RawJson {
  readonly #text: string;
  /** Whether texts may stand in it otherwise than they are. */
  readonly #isEscaped: boolean;

  constructor(json: string) {
    this.#isEscaped = json.includes('\\');
    this.#text = json.toLowerCase();
  }

  /** False: it surely has not all of them. */
  mayHave(terms: readonly Term[]): boolean {
    return this.#isEscaped || terms.every((term) => this.#mayHave(term));
  }

  #mayHave({ word, prefix, mac }: Term): boolean {
    if (!PLAIN.test(word)) return true;
    if (this.#text.includes(word) || (mac !== null && this.#text.includes(mac))) return true;
    if (UNWRITTEN.some((text) => text.includes(word))) return true;
    // A label is made of two: `inode:17`.
    const last = word.slice(word.lastIndexOf(':') + 1);
    return prefix === null && last !== word && this.#text.includes(last);
  }
}
