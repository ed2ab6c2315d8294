/**
 * What really was at each name, generation by generation: from when its file came until it was
 * gone. Tells whether the `created` events of a name can be true, each of a generation of its own
 * and with a namespace that this one had.
 */
import { sameNamespace } from '../../../../src/netns/identity/identity.ts';
import type { NamespaceId } from '../../../../src/netns/identity/identity.ts';
import type { Node } from './tree.ts';
import type { Truth } from './world.ts';

interface Generation {
  readonly bornAt: number;
  /** The step at which it was born. */
  readonly step: number;
  /** The step at which it was gone. */
  gone: number;
  readonly directory: Node;
  readonly file: Node;
  /**
   * The same for files that took the name from one another (rename(2)), without its ever being
   * free.
   */
  readonly chain: number;
  readonly namespaces: Set<Node>;
}

/** A `created` event: what it said, and whether time enough had passed for its being held back. */
export interface ToldCreated {
  namespace: NamespaceId | null;
  /** That of the `deleted` event before it. */
  before: NamespaceId | null;
  at: number;
  /** As long as it was held back at least. */
  held: number;
}

export class History {
  /** How often the path came to lead to another directory, or to none. */
  moves = 0;
  steps = 0;
  readonly #generations = new Map<string, Generation[]>();
  readonly #living = new Map<string, Generation>();
  #directory: Node | null;

  constructor(truth: Truth, now: number) {
    this.#directory = truth.directory;
    this.record(truth, now);
  }

  record({ directory, names }: Truth, now: number): void {
    this.steps++;
    if (directory !== this.#directory) this.moves++;
    this.#directory = directory;
    for (const [name, generation] of this.#living) {
      if (generation.directory === directory && names.has(name)) continue;
      generation.gone = this.steps;
      this.#living.delete(name);
    }
    for (const [name, { file, namespace }] of names) {
      const living = this.#living.get(name);
      const generation =
        living?.file === file ? living : this.#bear(name, file, directory as Node, living, now);
      if (namespace !== null) generation.namespaces.add(namespace);
    }
  }

  #bear(name: string, file: Node, directory: Node, before: Generation | undefined, now: number): Generation {
    const all = this.#generations.get(name) ?? [];
    if (before !== undefined) before.gone = this.steps;
    const chain = before?.chain ?? (all.at(-1)?.chain ?? -1) + 1;
    const generation = {
      bornAt: now,
      step: this.steps,
      directory,
      file,
      chain,
      gone: Infinity,
      namespaces: new Set<Node>(),
    };
    this.#living.set(name, generation);
    this.#generations.set(name, [...all, generation]);
    return generation;
  }

  /** Whether the living file of this name is older than the step. */
  livesSince(name: string, step: number): boolean {
    return (this.#living.get(name)?.step ?? Infinity) < step;
  }

  /**
   * Whether these can be all the `created` events of a name.
   * @param listed what the snapshot had of it
   * @param opened the steps at which the directory was read for the snapshot, and at which the
   *   watcher had it
   * @param strict whether each generation since then must have been told
   */
  allows(
    name: string,
    listed: NamespaceId | null | undefined,
    opened: { listed: number; returned: number },
    told: readonly ToldCreated[],
    strict: boolean,
  ): boolean {
    const generations = this.#generations.get(name) ?? [];
    const chain = (index: number): number => generations[index]?.chain ?? -1;
    const fits = (from: number, at: number): boolean => {
      const event = told[at];
      if (event === undefined) return !strict || chain(from) === chain(generations.length - 1);
      if (isAgain(event) && matches(generations[from], event) && fits(from, at + 1)) return true;
      // While the path led elsewhere and that was not told yet, the old directory's names still
      // were.
      if (this.moves > 0 && event.namespace === null && fits(from, at + 1)) return true;
      for (let next = from + 1; next < generations.length; next++) {
        if (strict && chain(next) > chain(from) + 1) break;
        if (matches(generations[next], event) && fits(next, at + 1)) return true;
      }
      return false;
    };
    // The snapshot need not tell of what came before it and went.
    const starts = generations.flatMap(({ step }, index) => (step <= opened.returned ? [index] : []));
    if (listed === undefined) return fits(-1, 0) || starts.some((start) => fits(start, 0));
    return starts.some((start) => {
      const { gone, namespaces } = generations[start] as Generation;
      if (gone <= opened.listed || !fits(start, 0)) return false;
      return listed === null || [...namespaces].some((node) => isNamespace(node, listed));
    });
  }
}

/** Whether it may be the same file again, whose namespace was replaced by another. */
const isAgain = ({ namespace, before }: ToldCreated): boolean =>
  namespace !== null && before !== null && !sameNamespace(namespace, before);

function matches(generation: Generation | undefined, { namespace, at, held }: ToldCreated): boolean {
  if (generation === undefined) return false;
  if (namespace === null) return at >= generation.bornAt + held;
  return [...generation.namespaces].some((node) => isNamespace(node, namespace));
}

/**
 * Whether the identity is that of this namespace. Where a process keeps it alive, the time of its
 * inode says nothing.
 */
export function isNamespace(node: Node, { id, dev, ino, since }: NamespaceId): boolean {
  if (dev !== node.fs.dev || ino !== node.ino) return false;
  return id === null ? since === node.mtime || node.transient : id === node.namespace?.id;
}
