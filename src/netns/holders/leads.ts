/**
 * All that leads to network namespaces: names, processes and their threads, descriptors, mounts,
 * sockets and tun devices, descriptors in flight. Each with a path by which the namespace can be
 * asked, which for the last three holds only until the next one is asked for. A namespace comes up
 * as often as something leads to it.
 */
import { cPath, joinPath } from '../../reference/names.ts';
import type { InspectionSystem } from '../../sys/inspection.ts';
import { emptyStatus } from '../../sys/stat.ts';
import { Observer } from '../identity/observe.ts';
import type { NamespaceId } from '../identity/identity.ts';
import type { MountedFile } from '../mounts/namespace-mounts.ts';
import { MountReader } from '../mounts/namespace-mounts.ts';
import type { LocatedName } from '../names/entry.ts';
import { listDirectory } from '../names/list.ts';
import { EventLoopYield, listNumbers } from '../processes/proc.ts';
import type { Procfs } from '../processes/procfs.ts';
import { DescriptorReader } from './descriptors.ts';
import { InFlight } from './in-flight.ts';
import { SocketNamespaces } from './socket-namespaces.ts';

/** What leads to a namespace, and of which process it is. */
export type Lead = { path: string } & (
  | { kind: 'name'; name: LocatedName }
  | { kind: 'mount'; pid: number; file: MountedFile | null }
  | { kind: 'process' | 'descriptor' | 'socket' | 'tun' | 'inFlight'; pid: number }
);

export class Leads {
  readonly #system: InspectionSystem;
  readonly #observer: Observer;
  readonly #proc: Procfs;
  readonly #turns = new EventLoopYield();
  readonly #status = emptyStatus();

  constructor(system: InspectionSystem, proc: Procfs) {
    this.#system = system;
    this.#proc = proc;
    this.#observer = new Observer(system);
  }

  /** Which namespace a lead leads to; null: none, or it may not be looked at. */
  identify({ path }: Lead): NamespaceId | null {
    try {
      const found = this.#observer.observe(cPath(path), true);
      return found.kind === 'namespace' ? found.namespace : null;
    } catch {
      return null;
    }
  }

  /** From what is likely and cheap to what is not. */
  async *of(directories: readonly string[]): AsyncGenerator<Lead, void> {
    for (const directory of directories)
      for (const name of this.#namesIn(directory)) {
        const path = joinPath(directory, name);
        yield { kind: 'name', path, name: { name, path, directory } };
      }
    const pids = listNumbers(this.#system, this.#proc.path);
    if (typeof pids === 'number') return;
    for (const pid of pids) {
      const threads = listNumbers(this.#system, `${this.#proc.path}/${pid}/task`);
      for (const thread of typeof threads === 'number' ? [] : threads) {
        await this.#turns.next();
        yield { kind: 'process', path: `${this.#proc.path}/${pid}/task/${thread}/ns/net`, pid };
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

  async *#held(pids: readonly number[]): AsyncGenerator<Lead, void> {
    const descriptors = this.#reader();
    const mounts = new MountReader(this.#system, this.#proc.path);
    for (const pid of pids) {
      const open = await descriptors.of(this.#withFiles(pid));
      for (const { kind, path } of typeof open === 'number' ? [] : open)
        if (kind === 'nsfs') yield { kind: 'descriptor', path, pid };
      for (const { root, mountPoint, file } of await mounts.of(pid))
        if (root.startsWith('net:'))
          yield { kind: 'mount', path: `${this.#proc.path}/${pid}/root${mountPoint}`, pid, file };
    }
  }

  async *#sockets(pids: readonly number[]): AsyncGenerator<Lead, void> {
    const descriptors = this.#reader();
    const sockets = new SocketNamespaces(this.#system, this.#proc.own);
    for (const pid of pids) {
      const open = await descriptors.of(this.#withFiles(pid));
      if (typeof open === 'number') continue;
      for (const socket of open.filter(({ kind }) => kind === 'socket' || kind === 'tun')) {
        const fd = sockets.open(pid, socket);
        if (fd === null) continue;
        try {
          yield { kind: socket.kind === 'tun' ? 'tun' : 'socket', path: `/proc/self/fd/${fd}`, pid };
        } finally {
          this.#system.close(fd);
        }
      }
    }
  }

  async *#inFlight(pids: readonly number[]): AsyncGenerator<Lead, void> {
    const descriptors = this.#reader();
    const inFlight = new InFlight(this.#system, this.#turns, this.#proc.own);
    for (const pid of pids) {
      const open = await descriptors.of(this.#withFiles(pid));
      for (const { socket } of typeof open === 'number' ? [] : await inFlight.waitingIn(open)) {
        const copies = inFlight.open(pid, socket);
        try {
          for (const fd of copies) yield { kind: 'inFlight', path: `/proc/self/fd/${fd}`, pid };
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
