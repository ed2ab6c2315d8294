/**
 * The namespaces that processes are in as facts of the inventory. The scan knows each by the inode
 * number of `net/dev` in it (process-look.ts), which says neither which namespace it is nor whether
 * it is the one that had this number before. So each one that has come into sight is numbered in
 * the scratch table; the number tells whether it is known already, by its name or otherwise.
 *
 * | an inode   | in a scan                            | asked by a process in it | then       |
 * | ---------- | ------------------------------------ | ------------------------ | ---------- |
 * | unknown    | comes into sight                     | -                        | unresolved |
 * | known      | nobody is in it who was there before | -                        | unresolved |
 * | known      | nobody is in it                      | -                        | unknown    |
 * | known      | it has died (2)                      | -                        | unresolved |
 * | unresolved | nobody is in it                      | -                        | unknown    |
 * | unresolved | somebody is in it                    | has a number             | known (1)  |
 * | unresolved | the same                             | has ended, or has moved  | unresolved |
 *
 * (1) If the process is still in it when it has been asked, and leads to the same once more:
 * numbers of processes are used again, and a process may move, or go elsewhere for a moment. The
 * namespace lives on without any process, until its number is removed.
 * (2) Who is in it went away and came to another one with the same inode, all since the last scan.
 */
import { Observer } from '../../netns/identity/observe.ts';
import { sameLiving } from '../../netns/identity/identity.ts';
import type { NamespaceId } from '../../netns/identity/identity.ts';
import type { ProcessChanges, ProcessGroup } from '../../netns/processes/process-groups.ts';
import { cPath } from '../../reference/names.ts';
import type { SystemError } from '../../sys/errno.ts';
import { isShortage } from '../../sys/shortage.ts';
import type { System } from '../../sys/system.ts';
import { batchesOf, chain, inTurn } from '../stream/chain.ts';
import type { MaybePromise } from '../stream/chain.ts';
import type { Inventory } from './inventory.ts';
import { inhabitantsOf, membersOf } from './inhabitants.ts';
import type { KernelSources } from './kernel-sources.ts';
import type { NamespaceTarget } from './namespace-target.ts';
import { DEAD } from './namespace-record.ts';
import type { NamespaceRecord } from './namespace-record.ts';
import type { ProcessIo } from './process-io.ts';
import type { ScratchTable } from './scratch-table.ts';
import type { InventoryEntry, UnifiedEvent } from './unified-events.ts';

export interface InhabitedParts {
  inventory: Inventory;
  kernel: KernelSources;
}

/** A namespace that came into sight, and a process or thread by which it is asked for. */
interface Sighted {
  group: ProcessGroup;
  pid: number;
  /** Null: it may not be looked at. */
  namespace: NamespaceId | null;
}

export class InhabitedNamespaces {
  readonly #io: ProcessIo;
  readonly #observer: Observer;
  readonly #inventory: Inventory;
  readonly #kernel: KernelSources;
  /** Inodes of namespaces that came into sight, and are not resolved. */
  readonly #unresolved = new Set<number>();
  #how = { all: false, settled: false };
  #isShort = false;

  constructor(io: ProcessIo, system: System, { inventory, kernel }: InhabitedParts) {
    this.#io = io;
    this.#observer = new Observer(system);
    this.#inventory = inventory;
    this.#kernel = kernel;
    inventory.inhabited.show();
  }

  /**
   * Takes in what a scan has brought.
   * @param how `all`: it looked at all processes; `settled`: it was the first
   * @returns what to emit
   */
  take(
    { appeared, vanished }: ProcessChanges,
    how: { all: boolean; settled: boolean },
  ): MaybePromise<UnifiedEvent[]> {
    const { inhabited } = this.#inventory;
    const { namespaces } = this.#io.scanner;
    this.#how = how;
    this.#isShort = false;
    for (const inode of vanished) {
      const record = inhabited.at(inode);
      if (record !== undefined) inhabited.leave(record);
    }
    for (const { inode } of appeared) this.#unresolved.add(inode);
    for (const inode of this.#unresolved) if (!namespaces.has(inode)) this.#unresolved.delete(inode);
    for (const group of namespaces.values()) if (!this.#unresolved.has(group.inode)) this.#refresh(group);
    const { own } = inhabited;
    const events: UnifiedEvent[] = [];
    const groups: ProcessGroup[] = [];
    for (const inode of this.#unresolved) {
      const group = namespaces.get(inode) as ProcessGroup;
      if (!group.own) groups.push(group);
      else if (own !== null) {
        this.#unresolved.delete(inode);
        inhabited.enter(own, this.#inhabitants(group, own));
      }
    }
    const batch = this.#kernel.deaths?.batch ?? 1;
    const done = inTurn(batchesOf(groups, batch), (some) =>
      chain(this.#resolve(some), (found) => {
        for (const event of found) events.push(event);
      }),
    );
    return chain(done, () => events);
  }

  /** Whether something had run out, so that namespaces wait for the next scan. */
  get isShort(): boolean {
    return this.#unresolved.size > 0 && (this.#isShort || this.#kernel.deaths?.retry.pending === true);
  }

  /** By the number of `net/dev` in it; null: unknown. */
  entryAt(inode: number): InventoryEntry | null {
    const record = this.#unresolved.has(inode) ? undefined : this.#inventory.inhabited.at(inode);
    return record === undefined ? null : this.#inventory.inhabited.entryOf(record);
  }

  close(): void {
    this.#inventory.inhabited.clear();
  }

  #refresh(group: ProcessGroup): void {
    const { inhabited } = this.#inventory;
    const record = inhabited.at(group.inode);
    if (record === undefined) this.#unresolved.add(group.inode);
    else inhabited.enter(record, this.#inhabitants(group, record));
  }

  #inhabitants(group: ProcessGroup, record: NamespaceRecord): ReturnType<typeof inhabitantsOf> {
    return inhabitantsOf(
      group,
      this.#targetOf(group, record.namespace),
      this.#io,
      (pid) => this.#io.scanner.inodeOf(pid) === group.inode,
      record.inhabitants,
      this.#how,
    );
  }

  /** By what the kernel is asked for the namespace of a group, again and again: by who is there. */
  #targetOf(group: ProcessGroup, namespace: NamespaceId | null): (() => NamespaceTarget) | null {
    const { scanner, procfs } = this.#io;
    if (!procfs.own && namespace === null) return null;
    const members = membersOf(group);
    const isIn = (pid: number): boolean => scanner.inodeOf(pid) === group.inode;
    return () => {
      const pid = members.find(isIn) ?? 0;
      if (procfs.own || namespace === null) return { pid, isInside: () => isIn(pid) };
      return { path: this.#pathOf(pid), namespace };
    };
  }

  #pathOf(pid: number): string {
    return `${this.#io.procfs.path}/${pid}/ns/net`;
  }

  /** @param groups no more than the table's batch */
  #resolve(groups: readonly ProcessGroup[]): MaybePromise<UnifiedEvent[]> {
    const { deaths } = this.#kernel;
    if (deaths === null) return [];
    const sighted = groups.flatMap((group) => this.#sight(group) ?? []);
    return chain(this.#number(deaths, sighted), (numbers) => {
      const events: UnifiedEvent[] = [];
      const done = inTurn([...sighted.entries()], ([at, one]) => {
        const number = numbers[at] ?? null;
        if (number === null || number === DEAD) return;
        return chain(this.#found(one, number), (found) => {
          for (const event of found) events.push(event);
        });
      });
      return chain(done, () => events);
    });
  }

  /** One who is in it now; undefined: nobody is. */
  #sight(group: ProcessGroup): Sighted | undefined {
    for (const pid of membersOf(group)) {
      if (this.#io.scanner.inodeOf(pid) !== group.inode) continue;
      const namespace = this.#observe(pid);
      // It is tried again after the next scan.
      return namespace === undefined ? undefined : { group, pid, namespace };
    }
    return undefined;
  }

  /** Null: it may not be looked at; undefined: something has run out. */
  #observe(pid: number): NamespaceId | null | undefined {
    try {
      const seen = this.#observer.observe(cPath(this.#pathOf(pid)), true);
      return seen.kind === 'namespace' ? seen.namespace : null;
    } catch (error) {
      // Another user's, as a rule: EACCES.
      if (!isShortage((error as SystemError).errno)) return null;
      this.#isShort = true;
      return undefined;
    }
  }

  /** The number of each; null: it cannot be had. */
  #number(deaths: ScratchTable, sighted: readonly Sighted[]): MaybePromise<(number | null)[]> {
    const numbers = sighted.map<number | null>(() => null);
    const places = (isNamed: boolean): number[] =>
      [...sighted.keys()].filter((at) => ((sighted[at] as Sighted).namespace !== null) === isNamed);
    const byFile = places(true);
    // A number of another procfs would mean another process.
    const byProcess = this.#io.procfs.own ? places(false) : [];
    const files = byFile.map((at) => {
      const { pid, namespace } = sighted[at] as Sighted;
      return { path: this.#pathOf(pid), namespace: namespace as NamespaceId };
    });
    return chain(files.length === 0 ? [] : deaths.number(files), (found) => {
      for (const [index, at] of byFile.entries()) numbers[at] = found[index] ?? null;
      const pids = byProcess.map((at) => (sighted[at] as Sighted).pid);
      return chain(deaths.numberProcesses(pids), (others) =>
        chain(deaths.numberProcesses(pids), (again) => {
          for (const [index, at] of byProcess.entries())
            numbers[at] = again[index] === others[index] ? (others[index] ?? null) : null;
          return numbers;
        }),
      );
    });
  }

  /** Whether a process is where it was when it was asked, and was so all the time. */
  #isStill({ group, pid, namespace }: Sighted): boolean {
    const { scanner } = this.#io;
    if (scanner.inodeOf(pid) !== group.inode) return false;
    if (namespace === null) return true;
    const now = this.#observe(pid);
    const isSame = now !== undefined && now !== null && sameLiving(now, namespace);
    return isSame && scanner.inodeOf(pid) === group.inode;
  }

  #found(sighted: Sighted, number: number): MaybePromise<UnifiedEvent[]> {
    const { group, pid, namespace } = sighted;
    const { nsids } = this.#kernel;
    const target = this.#targetOf({ ...group, pids: [pid], threads: [] }, namespace);
    const claim = target === null ? null : (nsids?.claimOfUnnamed(target()) ?? null);
    return chain(claim, (found) => {
      // It may have moved, or the number may be another one's: the next scan looks again.
      if (!this.#isStill(sighted)) return [];
      this.#unresolved.delete(group.inode);
      return this.#inventory.found(number, namespace, found, (record) => this.#inhabitants(group, record));
    });
  }
}
