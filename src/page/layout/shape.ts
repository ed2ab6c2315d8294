/**
 * What a namespace looks like from outside: two of one shape may be folded to one box. Whose it is
 * by kind, and of each link its kind, how it is, and which bus or namespace it leads to.
 */
import { stateText } from '../../format/link-text.ts';
import type { PageLink, PageNamespace } from '../../replay/replay-types.ts';
import { isLoopback } from './rows.ts';

/** So many of one shape are folded. A name was given by somebody, and is kept in sight longer. */
const LEAST = { sandboxes: 2, unnamed: 4, named: 24 } as const;

export interface Shape {
  readonly text: string;
  readonly least: number;
}

/**
 * Of a link: what it is in front of the far end.
 * @returns the key of a bus, of the namespace, or '' where it leads nowhere
 */
export type FarOf = (link: PageLink) => string;

/** Null: never folded. */
export function shapeOf(namespace: PageNamespace, farOf: FarOf): Shape | null {
  const { own, names, owner, identity, number, links, linksState, lingering } = namespace;
  // The host's, and a name without a namespace.
  if (own || (identity === null && number === null && names.length > 0)) return null;
  const kind = owner?.kind ?? '-';
  const isNamed = names.length > 0;
  if (!isNamed && isLoopbackOnly(namespace)) return { text: `lo ${kind}`, least: LEAST.sandboxes };
  const shapes: string[] = [];
  for (const link of links.values()) if (!isLoopback(link)) shapes.push(linkShape(link, farOf));
  const text = `${isNamed ? 'named' : 'unnamed'} ${kind} ${linksState}${lingering ? ' lingering' : ''} ${shapes.sort().join(', ')}`;
  return { text, least: isNamed ? LEAST.named : LEAST.unnamed };
}

const isLoopbackOnly = ({ links, loOnly }: PageNamespace): boolean => {
  if (links.size === 0) return loOnly === true;
  for (const link of links.values()) if (!isLoopback(link)) return false;
  return true;
};

const linkShape = (link: PageLink, farOf: FarOf): string =>
  `${link.kind} ${stateOf(link)} ${link.peerState} ${farOf(link)}`;

/** In the words of `nlink links`: `up`, `down`, `no-carrier`; null: it is not known. */
export function stateOf({ state, up, ended }: PageLink): string | null {
  if (ended !== null) return ended.reason;
  if (state === null && up === null) return null;
  return stateText({ state: state ?? 'unknown', up: up ?? true } as Parameters<typeof stateText>[0]);
}
