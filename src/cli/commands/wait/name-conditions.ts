/** `nlink wait --ready` and `--gone`: how names stand, in all directories that are looked at. */
import { joinPath } from '../../../reference/names.ts';
import type { InventoryEntry, LocatedName, UnifiedEvent } from '../../../watch/unified/unified-events.ts';
import { shown } from '../../../format/escape.ts';
import { located, reasonFields } from '../../../format/json.ts';
import { whyOf } from '../../output/verdict-text.ts';
import type { NotReadyName } from '../../output/verdict-text.ts';
import type { Condition } from './condition.ts';

/** Why a name cannot be entered; null: it can. */
type Why = Pick<NotReadyName, 'reason' | 'verdict'> | null;

/** Where a name is. */
interface There {
  at: LocatedName;
  why: Why;
}

abstract class Names implements Condition {
  readonly #directories: readonly string[];
  readonly #there = new Map<string, There>();
  readonly #onUnready: (name: LocatedName, why: NonNullable<Why>) => void;

  /** @param onUnready called for each name that is there and cannot be entered */
  constructor(
    directories: readonly string[],
    onUnready: (name: LocatedName, why: NonNullable<Why>) => void = () => {},
  ) {
    this.#directories = directories;
    this.#onUnready = onUnready;
  }

  abstract met(name: string): boolean;

  begin(namespaces: readonly InventoryEntry[]): void {
    for (const { names } of namespaces)
      for (const { name, path, directory, ...state } of names)
        this.#set({ name, path, directory }, state.ready ? null : state);
  }

  apply(event: UnifiedEvent): void {
    switch (event.type) {
      case 'created':
        this.#set(event, event.ready ? null : event);
        break;
      case 'mounted':
        this.#set(event, null);
        break;
      case 'unmounted':
        this.#set(event, { reason: 'unmounted' });
        break;
      case 'deleted':
        this.#there.delete(event.path);
        break;
      default:
    }
  }

  why(name: string): string {
    const there = this.find(name);
    if (there === undefined) return `no name ${shown(name)} in ${this.#directories.join(', ')}`;
    const where = `${shown(name)} is in ${there.at.directory}`;
    return there.why === null ? where : `${where}, but not ready (${there.why.reason}): ${whyOf(there.why)}`;
  }

  fields(name: string): object {
    const there = this.find(name);
    if (there === undefined) return { present: false };
    const { at, why } = there;
    return { ...located(at), present: true, ready: why === null, ...(why !== null && reasonFields(why)) };
  }

  /** Where it can be entered, if anywhere; else where it is. */
  protected find(name: string): There | undefined {
    const all = this.#directories.flatMap((directory) => this.#there.get(joinPath(directory, name)) ?? []);
    return all.find(({ why }) => why === null) ?? all[0];
  }

  #set({ name, path, directory }: LocatedName, why: Why): void {
    const at = { name, path, directory };
    this.#there.set(path, { at, why });
    if (why !== null) this.#onUnready(at, why);
  }
}

export class Ready extends Names {
  met(name: string): boolean {
    return this.find(name)?.why === null;
  }
}

export class Gone extends Names {
  met(name: string): boolean {
    return this.find(name) === undefined;
  }
}
