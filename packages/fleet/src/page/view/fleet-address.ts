/**
 * Keeps the address as what is looked at, and the other way round. A step back is one from what was
 * opened before; what is written into the search is no step.
 */
import { placeOf } from '../../../../../src/page/view/permalink.ts';
import { hashOf, placeIn } from '../model/place.ts';
import type { FleetPlace } from '../model/place.ts';
import type { HostPicture } from './host-picture.ts';

export class FleetAddress {
  readonly #goTo: (place: FleetPlace) => void;
  /** What the address asks for, and is not there yet. */
  #wanted: FleetPlace | null = placeIn(location.hash);
  #written: string = location.hash;
  #query = '';

  constructor(goTo: (place: FleetPlace) => void) {
    this.#goTo = goTo;
    for (const type of ['popstate', 'hashchange'])
      window.addEventListener(type, () => {
        if (location.hash === this.#written) return;
        this.#written = location.hash;
        this.#goTo(placeIn(location.hash));
      });
  }

  /** Hosts are there now. */
  arrive(): void {
    const wanted = this.#wanted;
    this.#wanted = null;
    if (wanted !== null) this.#goTo(wanted);
  }

  update({ selected, ...place }: Omit<FleetPlace, 'at' | 'link'> & { selected: HostPicture | null }): void {
    if (this.#wanted !== null) return;
    // As the core's page says where something is on one host.
    const words = new URLSearchParams(
      selected === null ? '' : placeOf(selected.store.state).replace(/^#/, ''),
    );
    const hash = hashOf({ ...place, at: words.get('at'), link: words.get('link') });
    const isWriting = place.query !== this.#query;
    this.#query = place.query;
    if (hash === this.#written) return;
    this.#written = hash;
    const url = `${location.pathname}${location.search}${hash}`;
    if (isWriting) history.replaceState(null, '', url);
    else history.pushState(null, '', url);
  }
}
