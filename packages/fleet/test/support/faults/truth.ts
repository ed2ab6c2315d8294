/** What is so on a host of a test of faults, and what a reader holds of it, in lines. */

/** `names`: names with the inodes of their namespaces. `all`: also links, and what has no name. */
export type Scope = 'names' | 'all';

export interface Truth {
  of: Scope;
  lines: string[];
}

/** By its pictures, and by its list and the events after it. */
export type Held = Record<Scope, { picture: string[]; account: string[] }>;

/** Whether it is so, and all that was told is what the pictures show, also where the truth says less. */
export const isHeld = ({ of, lines }: Truth, held: Held): boolean =>
  isAlike(held[of].picture, lines) &&
  isAlike(held[of].account, lines) &&
  isAlike(held.all.account, held.all.picture);

const isAlike = (some: readonly string[], others: readonly string[]): boolean =>
  some.join('\n') === others.join('\n');
