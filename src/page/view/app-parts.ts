/** What actions know of the app. */
import type { Scene } from '../layout/scene-types.ts';
import type { HoldersOf } from './holders.ts';
import type { LiveRegion } from './live-region.ts';
import type { Screen } from './screen.ts';
import type { Store } from './state.ts';

export interface AppParts {
  readonly store: Store;
  readonly screen: Screen;
  readonly scene: Scene;
  readonly picture: SVGSVGElement;
  readonly live: LiveRegion;
  readonly holders: HoldersOf;
  /** Something has changed that is not in the state. */
  redraw(): void;
  /** What is searched for is looked for at once. */
  searchNow(): void;
  /** The camera has moved. */
  move(): void;
  /** In the table. */
  revealRow(namespace: string, link: string | null): void;
}
