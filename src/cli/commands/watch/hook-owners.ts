/**
 * The owner of a namespace, for hooks: looked up when a hook is about to start, so that watching
 * alone never looks at processes. One walk through /proc serves all hooks whose events were
 * reported before it began.
 */
import { setImmediate } from 'node:timers/promises';
import type { ProcessesByNamespace } from '../../../netns/processes/processes-by-namespace.ts';
import type { ProcessOwner } from '../../../netns/processes/process-owner.ts';
import type { NamespaceCalls } from '../../host/library-calls.ts';

/** The identity of a namespace as JSON has it. */
type Identity = Readonly<Record<string, string | null>>;

/**
 * Owners that are remembered for the time after their last process: of so many namespaces, those
 * that were seen last.
 */
const REMEMBERED = 4096;

export class HookOwners {
  readonly #calls: Pick<NamespaceCalls, 'processesByNamespace' | 'ownerOf'>;
  readonly #proc: string | undefined;
  readonly #remembered = new Map<string, ProcessOwner>();
  /** How many walks were begun. */
  #begun = 0;
  #next: Promise<ProcessesByNamespace | null> | null = null;
  #last: { number: number; census: Promise<ProcessesByNamespace | null> } | null = null;

  /** @param proc where procfs is mounted */
  constructor(calls: Pick<NamespaceCalls, 'processesByNamespace' | 'ownerOf'>, proc?: string) {
    this.#calls = calls;
    this.#proc = proc;
  }

  /** Keep it with an event that is reported now, for {@link of}. */
  mark(): number {
    return this.#begun;
  }

  /**
   * The owner of the namespace of an event, or the last known one; null: none is known.
   * @param mark of the time at which the event was reported
   */
  async of(namespace: Identity, mark: number): Promise<ProcessOwner | null> {
    const key = namespace['id'] ?? Object.values(namespace).join(' ');
    const census = await this.#census(mark);
    const found = census?.namespaces.get(BigInt(namespace['ino'] ?? 0));
    const isSame = found !== undefined && String(found.dev) === namespace['dev'];
    const owner =
      (isSame ? await this.#calls.ownerOf(found.pids, this.#proc) : null) ??
      this.#remembered.get(key) ??
      null;
    if (owner !== null) this.#remember(key, owner);
    return owner;
  }

  #remember(key: string, owner: ProcessOwner): void {
    this.#remembered.delete(key);
    this.#remembered.set(key, owner);
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size > REMEMBERED && oldest !== undefined) this.#remembered.delete(oldest);
  }

  #census(mark: number): Promise<ProcessesByNamespace | null> {
    if (this.#last !== null && this.#last.number > mark) return this.#last.census;
    this.#next ??= this.#walk();
    return this.#next;
  }

  async #walk(): Promise<ProcessesByNamespace | null> {
    // So that the walk serves all events of this turn of the event loop.
    await setImmediate();
    this.#next = null;
    // What cannot be looked at is not known; a hook runs without it.
    const census = this.#calls.processesByNamespace(this.#proc).catch(() => null);
    this.#last = { number: ++this.#begun, census };
    return census;
  }
}
