/**
 * The nsids here, and whether anything leads to the namespace of each. The kernel has no way from
 * an nsid to its namespace, but each namespace that is found another way can be asked for its nsid.
 * What is left lives, or it had no nsid any more: something holds it that /proc does not show, such
 * as an inotify watch of its file, or a file system that was mounted in it over the network.
 */
import { namespaceKey } from '../../../netns/identity/identity.ts';
import type { NamespaceId } from '../../../netns/identity/identity.ts';
import type { OnLead } from '../../../netns/holders/holder-census.ts';
import type { Io, NsidConnection } from '../../host/io.ts';
import { note } from '../../output/output.ts';
import { noteIncomplete } from '../shared/notes.ts';
import { nsidOfProcess } from './counted.ts';
import { connectionOf } from './named-ids.ts';

export class SeenNsids {
  readonly #io: Io;
  /** Null: no nsid can be asked for. */
  readonly connection: NsidConnection | null;
  readonly #hasAny: boolean;
  /** Those that were assigned at the beginning, and to which nothing has led so far. */
  readonly #unseen: Set<number>;
  readonly #of = new Map<string, number | null>();

  private constructor(io: Io, connection: NsidConnection | null, assigned: readonly number[]) {
    this.#io = io;
    this.connection = connection;
    this.#hasAny = assigned.length > 0;
    this.#unseen = new Set(assigned);
  }

  /** Lists them: those that come later are not missed. */
  static async open(io: Io): Promise<SeenNsids> {
    const { connection, fault } = await connectionOf(io);
    if (connection === null) {
      note(`nsids are not available: ${(fault as Error).message}`, io);
      return new SeenNsids(io, null, []);
    }
    try {
      const { entries, reason } = await connection.listNsids();
      if (reason !== undefined) noteIncomplete(reason, io);
      const assigned = entries.map(({ nsid }) => nsid);
      return new SeenNsids(io, connection, assigned);
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** Asks what leads to a namespace for its nsid. */
  readonly onLead: OnLead = ({ namespace, path }) => {
    if (this.connection === null || !this.#hasAny) return undefined;
    const key = namespaceKey(namespace);
    return this.#of.has(key) ? undefined : this.#ask(this.connection, key, path);
  };

  /** Of what was led to. Null: it has none. Undefined: it could not be asked for. */
  of(namespace: NamespaceId): number | null | undefined {
    if (this.connection !== null && !this.#hasAny) return null;
    return this.#of.get(namespaceKey(namespace));
  }

  /**
   * Those that are still assigned, and to whose namespaces nothing has led; nor is a process in
   * them that this user may not look at.
   * @param proc where procfs is mounted
   */
  async unseen(proc: string): Promise<number[]> {
    const left = this.#unseen;
    if (this.connection === null || left.size === 0) return [];
    const { namespaces, procfs } = await this.#io.calls.inhabitedNamespaces(proc);
    for (const { pids, threads } of namespaces.values())
      for (const pid of [...pids, ...threads.map(({ tid }) => tid)]) {
        const nsid = await nsidOfProcess(this.connection, pid, procfs);
        if (nsid === undefined) continue;
        if (nsid !== null) left.delete(nsid);
        break;
      }
    if (left.size === 0) return [];
    const { entries } = await this.connection.listNsids({ known: [...left] });
    return entries.map(({ nsid }) => nsid).filter((nsid) => left.has(nsid));
  }

  /** From here on what leads to a namespace is asked again: nsids are used again at once. */
  askAgain(): void {
    this.#of.clear();
  }

  close(): void {
    this.connection?.close();
  }

  async #ask(connection: NsidConnection, key: string, path: string): Promise<void> {
    try {
      const nsid = await connection.getNsid({ path });
      this.#of.set(key, nsid);
      if (nsid !== null) this.#unseen.delete(nsid);
    } catch {
      // It leads there no more; another may.
    }
  }
}
