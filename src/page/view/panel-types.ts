/** What the panel shows, and what can be done there. */
import type { PageLink, PageModel, PageNamespace } from '../../replay/replay-types.ts';
import type { Details } from './details.ts';
import type { Looked } from './holders.ts';

export interface PanelActions {
  close(): void;
  go(namespace: string, link: string | null): void;
  fold(shape: string): void;
  copy(text: string): void;
  lookAgain(): void;
}

export interface Opened {
  readonly model: PageModel;
  readonly namespace: PageNamespace;
  readonly link: PageLink | null;
  /** How many are like it, where they are unfolded. */
  readonly likes: { readonly shape: string; readonly count: number } | null;
  /** Of the namespace. */
  readonly details: Details | null;
  readonly looked: Looked | null;
}
