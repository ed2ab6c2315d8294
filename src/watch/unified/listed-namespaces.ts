/**
 * Namespaces that no process is in, where the kernel lists all (listns(2), Linux 6.19): something
 * else holds them, a mount or a descriptor. What processes are in, the scan finds, and says whose
 * it is; so that a list is taken in after the scan that it has brought about.
 *
 * | an id      | in a list      | after the next scan               | then       |
 * | ---------- | -------------- | --------------------------------- | ---------- |
 * | unknown    | has come       | -                                 | unresolved |
 * | unresolved | has gone       | -                                 | unknown    |
 * | unresolved | -              | its namespace is known            | known      |
 * | unresolved | -              | opens by its id: numbered, found  | known      |
 * | unresolved | -              | does not open: it has gone        | unknown    |
 * | unresolved | -              | something has run out             | unresolved |
 *
 * A list tells each once: whatever could not be taken in waits here.
 */
import { Observer } from '../../netns/identity/observe.ts';
import type { NamespaceLister } from '../../netns/identity/namespace-lister.ts';
import { cPath } from '../../reference/names.ts';
import { isShortage } from '../../sys/shortage.ts';
import type { System } from '../../sys/system.ts';
import { attempt, chain, inTurn } from '../stream/chain.ts';
import type { MaybePromise } from '../stream/chain.ts';
import type { InhabitedParts } from './inhabited-namespaces.ts';
import { DEAD } from './namespace-record.ts';
import type { ScratchTable } from './scratch-table.ts';
import type { UnifiedEvent } from './unified-events.ts';

export class ListedNamespaces {
  readonly #lister: Pick<NamespaceLister, 'update'>;
  readonly #system: System;
  readonly #observer: Observer;
  readonly #parts: InhabitedParts;
  readonly #unresolved = new Set<bigint>();

  constructor(lister: Pick<NamespaceLister, 'update'>, system: System, parts: InhabitedParts) {
    this.#lister = lister;
    this.#system = system;
    this.#observer = new Observer(system);
    this.#parts = parts;
  }

  /** Lists anew. @returns whether any has come that nobody knows @throws SystemError */
  look(): boolean {
    const { found, gone } = this.#lister.update();
    for (const id of gone) this.#unresolved.delete(id);
    const unknown = found.filter((id) => !this.#isKnown(id));
    for (const id of unknown) this.#unresolved.add(id);
    return unknown.length > 0;
  }

  /** Takes in those that came, after a scan of processes. @returns what to emit */
  take(): MaybePromise<UnifiedEvent[]> {
    const events: UnifiedEvent[] = [];
    const done = inTurn([...this.#unresolved], (id) =>
      chain(this.#resolve(id), (found) => {
        for (const event of found) events.push(event);
      }),
    );
    return chain(done, () => events);
  }

  /** Whether something had run out, so that namespaces wait for the next scan. */
  get isShort(): boolean {
    return this.#unresolved.size > 0;
  }

  #isKnown(id: bigint): boolean {
    return this.#parts.inventory.numbers.isKnown({ id, dev: 0n, ino: 0n, since: 0n });
  }

  #resolve(id: bigint): MaybePromise<UnifiedEvent[]> {
    const { deaths } = this.#parts.kernel;
    if (deaths === null || this.#isKnown(id)) {
      this.#unresolved.delete(id);
      return [];
    }
    // By the id alone, as a list gives it.
    const fd = this.#system.openNamespace({ id, type: 0, ino: 0 });
    if (!isShortage(fd)) this.#unresolved.delete(id);
    if (fd < 0) return [];
    const found = attempt<UnifiedEvent[] | null>(
      () => this.#found(`/proc/self/fd/${fd}`, deaths),
      () => null,
    );
    return chain(found, (events) => {
      this.#system.close(fd);
      if (events === null) this.#unresolved.add(id);
      return events ?? [];
    });
  }

  /**
   * @param path leads to it, and holds it
   * @returns what to emit; null: something has run out
   */
  #found(path: string, deaths: ScratchTable): MaybePromise<UnifiedEvent[] | null> {
    const { inventory, kernel } = this.#parts;
    const seen = this.#observer.observe(cPath(path), true);
    if (seen.kind !== 'namespace') return [];
    const { namespace } = seen;
    return chain(deaths.number([{ path, namespace }]), ([number = null]) => {
      if (number === null || number === DEAD) return null;
      const claim = kernel.nsids?.claimOfUnnamed({ path, namespace }) ?? null;
      return chain(claim, (found) => inventory.found(number, namespace, found, null));
    });
  }
}
