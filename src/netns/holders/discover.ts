/**
 * Every network namespace that something in /proc or a directory of names leads to, each once, with
 * a path by which it can be asked: for finding one of which only a number is known. The kernel has
 * no such list before Linux 6.19 (listns(2)).
 */
import { joinPath, cPath } from '../../reference/names.ts';
import type { InspectionSystem } from '../../sys/inspection.ts';
import { emptyStatus } from '../../sys/stat.ts';
import { DescriptorReader } from './descriptors.ts';
import { listDirectory } from '../names/list.ts';
import { MountReader } from '../mounts/namespace-mounts.ts';
import { Observer } from '../identity/observe.ts';
import type { NamespaceId } from '../identity/identity.ts';
import { InFlight } from './in-flight.ts';
import { listNumbers, EventLoopYield } from '../processes/proc.ts';
import { procfsAt } from '../processes/procfs.ts';
import type { Procfs } from '../processes/procfs.ts';
import { SocketNamespaces } from './socket-namespaces.ts';

/** A namespace, and what leads to it for now. */
export interface DiscoveredNamespace {
  namespace: NamespaceId;
  path: string;
}

/**
 * Walks until `isWanted` says yes, from what is likely and cheap to what is not. Names first, then
 * processes and threads, then descriptors and mounts, then sockets, whose namespaces are held open
 * while `isWanted` is asked, then descriptors in flight.
 * @param isWanted asked once for each namespace
 * @param proc where procfs is mounted
 * @returns the one that was wanted; null: nothing leads to it that this process may see
 */
export async function discover(
  system: InspectionSystem,
  directories: readonly string[],
  isWanted: (living: DiscoveredNamespace) => Promise<boolean>,
  proc = '/proc',
): Promise<DiscoveredNamespace | null> {
  return new Walk(system, isWanted, procfsAt(proc)).run(directories);
}

class Walk {
  readonly #system: InspectionSystem;
  readonly #observer: Observer;
  readonly #isWanted: (living: DiscoveredNamespace) => Promise<boolean>;
  readonly #proc: Procfs;
  readonly #asked = new Set<bigint>();
  readonly #turns = new EventLoopYield();
  readonly #status = emptyStatus();

  constructor(
    system: InspectionSystem,
    isWanted: (living: DiscoveredNamespace) => Promise<boolean>,
    proc: Procfs,
  ) {
    this.#system = system;
    this.#proc = proc;
    this.#observer = new Observer(system);
    this.#isWanted = isWanted;
  }

  async run(directories: readonly string[]): Promise<DiscoveredNamespace | null> {
    for await (const path of this.#paths(directories)) {
      const namespace = this.#identify(path);
      if (namespace === null || this.#asked.has(namespace.ino)) continue;
      this.#asked.add(namespace.ino);
      if (await this.#isWanted({ namespace, path })) return { namespace, path };
    }
    return null;
  }

  /** What may not be looked at leads to nothing. */
  #identify(path: string): NamespaceId | null {
    try {
      const found = this.#observer.observe(cPath(path), true);
      return found.kind === 'namespace' ? found.namespace : null;
    } catch {
      return null;
    }
  }

  async *#paths(directories: readonly string[]): AsyncGenerator<string, void> {
    for (const directory of directories)
      for (const name of this.#namesIn(directory)) yield joinPath(directory, name);
    const pids = listNumbers(this.#system, this.#proc.path);
    if (typeof pids === 'number') return;
    for (const pid of pids) {
      const threads = listNumbers(this.#system, `${this.#proc.path}/${pid}/task`);
      for (const thread of typeof threads === 'number' ? [] : threads) {
        await this.#turns.next();
        yield `${this.#proc.path}/${pid}/task/${thread}/ns/net`;
      }
    }
    yield* this.#held(pids);
    yield* this.#sockets(pids);
    yield* this.#inFlight(pids);
  }

  /** None where it may not be read. */
  #namesIn(directory: string): string[] {
    try {
      return (listDirectory(this.#system, this.#observer, directory, true) ?? []).map(({ name }) => name);
    } catch {
      return [];
    }
  }

  async *#held(pids: readonly number[]): AsyncGenerator<string, void> {
    const descriptors = this.#reader();
    const mounts = new MountReader(this.#system, this.#proc.path);
    for (const pid of pids) {
      const open = await descriptors.of(this.#withFiles(pid));
      for (const { kind, path } of typeof open === 'number' ? [] : open) if (kind === 'nsfs') yield path;
      for (const { root, mountPoint } of await mounts.of(pid))
        if (root.startsWith('net:')) yield `${this.#proc.path}/${pid}/root${mountPoint}`;
    }
  }

  async *#sockets(pids: readonly number[]): AsyncGenerator<string, void> {
    const descriptors = this.#reader();
    const sockets = new SocketNamespaces(this.#system, this.#proc.own);
    for (const pid of pids) {
      const open = await descriptors.of(this.#withFiles(pid));
      if (typeof open === 'number') continue;
      for (const socket of open.filter(({ kind }) => kind === 'socket' || kind === 'tun')) {
        const fd = sockets.open(pid, socket);
        if (fd === null) continue;
        try {
          yield `/proc/self/fd/${fd}`;
        } finally {
          this.#system.close(fd);
        }
      }
    }
  }

  async *#inFlight(pids: readonly number[]): AsyncGenerator<string, void> {
    const descriptors = this.#reader();
    const inFlight = new InFlight(this.#system, this.#turns, this.#proc.own);
    for (const pid of pids) {
      const open = await descriptors.of(this.#withFiles(pid));
      for (const { socket } of typeof open === 'number' ? [] : await inFlight.waitingIn(open)) {
        const copies = inFlight.open(pid, socket);
        try {
          for (const fd of copies) yield `/proc/self/fd/${fd}`;
        } finally {
          for (const fd of copies) this.#system.close(fd);
        }
      }
    }
  }

  /**
   * Where the descriptors of a process are shown: at another thread once its main one has ended.
   */
  #withFiles(pid: number): string {
    const path = `${this.#proc.path}/${pid}`;
    const isIn = (task: string): boolean =>
      this.#system.stat(cPath(`${task}/ns/net`), true, this.#status) === 0;
    if (isIn(path)) return path;
    const threads = listNumbers(this.#system, `${path}/task`);
    const tasks = typeof threads === 'number' ? [] : threads.map((thread) => `${path}/task/${thread}`);
    return tasks.find(isIn) ?? path;
  }

  #reader(): DescriptorReader {
    return new DescriptorReader(this.#system, this.#turns, this.#observer.nsfs);
  }
}
