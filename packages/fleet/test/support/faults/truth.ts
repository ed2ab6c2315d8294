/** What is so on a host of a test of faults, and what a reader holds of it, in lines. */

/** `names`: names with the inodes of their namespaces. `all`: also links, and what has no name. */
export type Scope = 'names' | 'all';

export interface Truth {
  of: Scope;
  lines: string[];
}

/** By its pictures, and by its list and the events after it. */
export type Held = Record<Scope, { picture: string[]; account: string[] }>;

export const isHeld = ({ of, lines }: Truth, held: Held): boolean =>
  [held[of].picture, held[of].account].every((found) => found.join('\n') === lines.join('\n'));
