/** `nlink wait --ready` and `--gone`: how names stand, in all directories that are looked at. */
import type { NotReadyReason } from '../../netns/observe.ts';
import { joinPath } from '../../reference/names.ts';
import type { InventoryEntry, LocatedName, UnifiedEvent } from '../../watch/unified-events.ts';
import { located } from '../json.ts';
import { REASONS } from '../reasons.ts';
import type { Condition } from './condition.ts';

/** Where a name is. `reason`: why it cannot be entered; null: it can. */
interface There {
  at: LocatedName;
  reason: NotReadyReason | null;
}

abstract class Names implements Condition {
  readonly #directories: readonly string[];
  readonly #there = new Map<string, There>();
  readonly #onUnready: (name: string, reason: NotReadyReason) => void;

  /** @param onUnready called for each name that is there and cannot be entered */
  constructor(
    directories: readonly string[],
    onUnready: (name: string, reason: NotReadyReason) => void = () => {},
  ) {
    this.#directories = directories;
    this.#onUnready = onUnready;
  }

  abstract met(name: string): boolean;

  begin(namespaces: readonly InventoryEntry[]): void {
    for (const { names } of namespaces)
      for (const { name, path, directory, ...state } of names)
        this.#set({ name, path, directory }, state.ready ? null : state.reason);
  }

  apply(event: UnifiedEvent): void {
    switch (event.type) {
      case 'created':
        this.#set(event, event.ready ? null : event.reason);
        break;
      case 'mounted':
        this.#set(event, null);
        break;
      case 'unmounted':
        this.#set(event, 'not-a-namespace');
        break;
      case 'deleted':
        this.#there.delete(event.path);
        break;
      default:
    }
  }

  why(name: string): string {
    const there = this.find(name);
    if (there === undefined) return `is not in ${this.#directories.join(', ')}`;
    const where = `is in ${there.at.directory}`;
    return there.reason === null
      ? where
      : `${where}, but not ready (${there.reason}): ${REASONS[there.reason]}`;
  }

  fields(name: string): object {
    const there = this.find(name);
    if (there === undefined) return { present: false };
    const { at, reason } = there;
    return { ...located(at), present: true, ready: reason === null, ...(reason !== null && { reason }) };
  }

  /** Where it can be entered, if anywhere; else where it is. */
  protected find(name: string): There | undefined {
    const all = this.#directories.flatMap((directory) => this.#there.get(joinPath(directory, name)) ?? []);
    return all.find(({ reason }) => reason === null) ?? all[0];
  }

  #set({ name, path, directory }: LocatedName, reason: NotReadyReason | null): void {
    this.#there.set(path, { at: { name, path, directory }, reason });
    if (reason !== null) this.#onUnready(name, reason);
  }
}

export class Ready extends Names {
  met(name: string): boolean {
    return this.find(name)?.reason === null;
  }
}

export class Gone extends Names {
  met(name: string): boolean {
    return this.find(name) === undefined;
  }
}
