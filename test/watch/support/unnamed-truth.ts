/**
 * Which of the namespaces that a test has made live, and what keeps each, as the kernel says it: by
 * opening each by its id (Linux 6.18), and by a look at all that could keep it.
 */
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { NETLINK_ROUTE, NETNSA_FD } from '../../../src/netlink/constants.ts';
import { NsidQueries } from '../../../src/netlink/nsid-query.ts';
import { openSockets } from '../../../src/netlink/raw-socket.ts';
import { Requester } from '../../../src/netlink/requester.ts';
import { cPath } from '../../../src/reference/names.ts';
import { check, errno } from '../../../src/sys/errno.ts';
import { netlinkSystem } from '../../../src/sys/socket.ts';
import { linux } from '../../../src/sys/system.ts';
import type { NamespaceHandle } from '../../../src/sys/system.ts';
import type { UnnamedHost } from './unnamed-host.ts';
import { PLACES } from './unnamed-operations.ts';

/** One that lives. */
export interface LivingNamespace {
  id: bigint;
  /** The nsid that it has in the namespace of the test; null: none. */
  nsid: number | null;
  /** Its names in the watched directories, sorted. */
  paths: string[];
  /** Processes that are in it by a thread at least, ascending. */
  pids: number[];
  /** How many descriptors, sockets and mounts elsewhere keep it. */
  holds: number;
  /** How many mounts keep it, those that others cover included: to these no path leads. */
  mounts: number;
}

export class MadeNamespaces {
  readonly #handles = new Map<bigint, NamespaceHandle>();
  readonly own: NamespaceHandle = this.identify('/proc/thread-self/ns/net');
  readonly #requester = new Requester(openSockets(netlinkSystem(), NETLINK_ROUTE, {}, 1)[0] ?? assert.fail());

  identify(path: string): NamespaceHandle {
    const handle = { id: 0n, type: 0, ino: 0 };
    check(linux().namespaceHandle(cPath(path), handle), 'name_to_handle_at', path);
    return handle;
  }

  /** That of a path is the test's own. */
  note(path: string): void {
    const handle = this.identify(path);
    if (handle.id !== this.own.id) this.#handles.set(handle.id, handle);
  }

  has(id: bigint): boolean {
    return this.#handles.has(id);
  }

  /** Those that live, with their nsids. */
  living(): Map<bigint, { ino: number; nsid: number | null }> {
    const found = new Map<bigint, { ino: number; nsid: number | null }>();
    for (const handle of [this.own, ...this.#handles.values()]) {
      const fd = linux().openNamespace(handle);
      if (fd === -errno.ESTALE) continue;
      check(fd, 'open_by_handle_at');
      const nsids = this.#requester.exchange(new NsidQueries(NETNSA_FD, [fd]));
      linux().close(fd);
      assert(!(nsids instanceof Promise), 'the kernel answers at once');
      const [nsid = null] = nsids;
      assert(!(nsid instanceof Error));
      found.set(handle.id, { ino: handle.ino, nsid });
    }
    return found;
  }

  /** Those that are dead are not asked for again. */
  forget(ids: Iterable<bigint>): void {
    for (const id of ids) this.#handles.delete(id);
  }

  get ids(): Iterable<bigint> {
    return this.#handles.keys();
  }

  close(): void {
    this.#requester.close();
  }
}

/** Null: something is about to end, so that what is kept and what lives differ for the moment. */
export function lookAt(host: UnnamedHost): Map<bigint, LivingNamespace> | null {
  const { made } = host;
  const living = made.living();
  const found = new Map<bigint, LivingNamespace>();
  for (const [id, { nsid }] of living) found.set(id, { id, nsid, paths: [], pids: [], holds: 0, mounts: 0 });
  const of = (path: string): LivingNamespace | undefined => {
    try {
      return found.get(made.identify(path).id);
    } catch {
      return undefined;
    }
  };
  for (const place of PLACES) of(host.pathOf(place))?.paths.push(host.pathOf(place));
  for (const process of host.processes) {
    const inside = new Set(process.namespaces().map(of));
    for (const one of inside) one?.pids.push(process.pid);
  }
  found.get(made.own.id)?.pids.push(process.pid);
  for (const { id } of host.holds) {
    const one = found.get(id);
    if (one === undefined) return null;
    one.holds++;
  }
  const inodes = new Map([...living].map(([id, { ino }]) => [ino, id]));
  for (const ino of mountedInodes()) {
    const one = found.get(inodes.get(ino) ?? -1n);
    if (one !== undefined) one.mounts++;
  }
  for (const one of found.values()) {
    one.paths.sort();
    one.pids.sort((a, b) => a - b);
    if (one.pids.length + one.holds + one.mounts === 0) return null;
  }
  return found;
}

/** Of network namespaces that are mounted here, covered ones too. */
function mountedInodes(): number[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'latin1');
  return Array.from(mounts.matchAll(/ net:\[(\d+)\] /g), ([, ino]) => Number(ino));
}
