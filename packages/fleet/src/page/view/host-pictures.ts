/**
 * The hosts that are open, each with its picture; at most one namespace of them is in the panel.
 *
 * | a host | on                                   | next   | done                               |
 * | ------ | ------------------------------------ | ------ | ---------------------------------- |
 * | folded | it is unfolded; there is room        | open   | asked for on the stream            |
 * |        | it is unfolded; too many are open    | open   | the oldest without the panel goes  |
 * | open   | it is folded, or listed no more      | folded | asked for no more                  |
 * |        | what was to be selected on it comes  | open   | selected                           |
 */
import { selectionAt } from '../../../../../src/page/view/permalink.ts';
import type { LiveRegion } from '../../../../../src/page/view/live-region.ts';
import type { FleetClient } from '../model/fleet-client.ts';
import type { HostRow } from '../model/fleet-types.ts';
import { nameText } from '../model/host-words.ts';
import { isOfHost, wordsOf } from '../model/of-host.ts';
import { HostPicture } from './host-picture.ts';

export interface PicturesParts {
  readonly client: FleetClient;
  readonly live: LiveRegion;
  /** What is searched for. */
  query(): string;
  /** The keyboard leaves the picture of a host. */
  leave(id: string): void;
  changed(): void;
}

export interface Target {
  readonly at: string;
  readonly link: string | null;
}

export class HostPictures {
  readonly #parts: PicturesParts;
  readonly #all = new Map<string, HostPicture>();
  /** What is to be selected on a host once it has come. */
  readonly #targets = new Map<string, Target>();
  #selected: string | null = null;

  constructor(parts: PicturesParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#all.size;
  }

  /** The one whose namespace is in the panel comes last. */
  get ids(): readonly string[] {
    const ids = [...this.#all.keys()];
    return this.#selected === null ? ids : [...ids.filter((id) => id !== this.#selected), this.#selected];
  }

  /** Whose namespace is in the panel; null: none is. */
  get selected(): { readonly id: string; readonly picture: HostPicture } | null {
    const picture = this.#selected === null ? undefined : this.#all.get(this.#selected);
    return this.#selected === null || !picture?.selection ? null : { id: this.#selected, picture };
  }

  get(id: string): HostPicture | null {
    return this.#all.get(id) ?? null;
  }

  /** @param target what to select on it */
  unfold(host: HostRow, target: Target | null): void {
    const { client } = this.#parts;
    const { id } = host;
    if (!client.unfold(id)) {
      const oldest = this.ids.find((other) => other !== this.#selected);
      if (oldest !== undefined) this.fold(oldest);
      client.unfold(id);
    }
    if (target !== null) this.#targets.set(id, target);
    if (!this.#all.has(id)) this.#all.set(id, this.#picture(host));
    this.#parts.changed();
  }

  fold(id: string): void {
    if (!this.#all.has(id)) return;
    this.#parts.client.fold(id);
    this.#all.get(id)?.stop();
    this.#all.delete(id);
    this.#targets.delete(id);
    if (this.#selected === id) this.#selected = null;
    this.#parts.changed();
  }

  /** Selects what somebody wanted to go to, where it has come. */
  arrive(): void {
    for (const [id, target] of this.#targets) {
      const model = this.#parts.client.open.model(id);
      const picture = this.show(id);
      if (model === null || picture === null) continue;
      this.#targets.delete(id);
      const selection = selectionAt({ ...target, view: null, query: '' }, model);
      if (selection !== null) picture.actions.go(selection.namespace, selection.link);
    }
  }

  /** Nothing is in the panel; the focus is where it is. */
  deselect(): void {
    this.selected?.picture.store.set({ selection: null });
  }

  /** As it is now. */
  show(id: string): HostPicture | null {
    const picture = this.get(id);
    picture?.show(this.#parts.client.open.model(id), this.#queryOf(id));
    return picture;
  }

  /** @returns whether there was something to close */
  close(): boolean {
    const { selected } = this;
    selected?.picture.actions.close();
    return selected !== null;
  }

  /** What is searched for on a host: without the words that are of the host itself. */
  #queryOf(id: string): string {
    const host = this.#parts.client.hosts.get(id);
    const words = wordsOf(this.#parts.query());
    return (host === undefined ? words : words.filter((word) => !isOfHost(word, host))).join(' ');
  }

  #picture(host: HostRow): HostPicture {
    const { id } = host;
    const leaves = (): void => {
      if (!this.#all.get(id)?.selection) return this.#parts.leave(id);
      this.#all.get(id)?.actions.close();
    };
    return new HostPicture(id, nameText(host), this.#parts.live, leaves, () => {
      if (this.#all.get(id)?.selection && this.#selected !== id) {
        const before = this.selected?.picture;
        this.#selected = id;
        before?.store.set({ selection: null });
      }
      this.#parts.changed();
    });
  }
}
