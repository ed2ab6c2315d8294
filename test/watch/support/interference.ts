/**
 * The real system calls, before one of which somebody else does something real to the kernel: what
 * may fall between any two steps of whoever makes the calls. In the same turn, so that nothing else
 * happens between.
 */
import { strict as assert } from 'node:assert';
import { closeSync, fstatSync, openSync, statSync } from 'node:fs';
import { NETLINK_ROUTE, NETNSA_FD } from '../../../src/netlink/constants.ts';
import { NsidAssignment, NsidStates } from '../../../src/netlink/nsid-query.ts';
import { openSockets } from '../../../src/netlink/raw-socket.ts';
import { Requester } from '../../../src/netlink/requester.ts';
import { netlinkSystem } from '../../../src/sys/socket.ts';
import type { NetlinkSystem } from '../../../src/sys/socket.ts';
import { deleteNamespace } from '../../support/netns.ts';
import { DEADLINE } from '../../support/wait.ts';

export class Interference {
  readonly system: NetlinkSystem;
  /** How many calls were made since it was armed. */
  calls = 0;
  #at = -1;
  #act: (holds: boolean) => void = () => {};
  /** The namespaces that are open. */
  readonly #held = new Set<number>();

  constructor(real: NetlinkSystem = netlinkSystem()) {
    this.system = new Proxy(real, {
      get: (target, name) => {
        const through = target[name as keyof NetlinkSystem] as (...args: unknown[]) => unknown;
        return (...args: unknown[]) => {
          if (this.calls++ === this.#at) this.#act(this.#held.size > 0);
          const result = through(...args);
          if (name === 'open' && isNamespace(result as number)) this.#held.add(result as number);
          if (name === 'close') this.#held.delete(args[0] as number);
          return result;
        };
      },
    });
  }

  /**
   * Counts from now on.
   * @param at the call before which `act` comes, from 0; -1: none
   * @param act is told whether a namespace is held open at that moment, which is not freed then
   */
  arm(at: number, act: (holds: boolean) => void): void {
    this.calls = 0;
    this.#at = at;
    this.#act = act;
  }

  /** Whether it has come. It comes no more. */
  disarm(): boolean {
    const struck = this.#at >= 0 && this.calls > this.#at;
    this.#at = -1;
    return struck;
  }
}

const isNamespace = (fd: number): boolean =>
  fd >= 0 && fstatSync(fd).dev === statSync('/proc/self/ns/net').dev;

/**
 * Somebody who gives ids, and takes part in nothing else. In the network namespace in which it is
 * made. Nothing here waits for a turn.
 */
export class Assigner {
  readonly #requester = new Requester(openSockets(netlinkSystem(), NETLINK_ROUTE, {}, 1)[0] ?? assert.fail());

  /** Gives an id. @returns whether it was free */
  assign(path: string, nsid: number | 'auto'): boolean {
    const fd = openSync(path, 'r');
    try {
      const done = this.#requester.exchange(new NsidAssignment(NETNSA_FD, fd, nsid, path));
      assert(!(done instanceof Promise), 'the kernel answers at once');
      return true;
    } catch (error) {
      assert.equal((error as { code?: string }).code, 'EEXIST');
      return false;
    } finally {
      closeSync(fd);
    }
  }

  /** Deletes a name, and waits until the kernel has freed the id of its namespace. */
  destroy(path: string, nsid: number): void {
    deleteNamespace(path);
    this.#untilTrue(() => !this.#isAssigned(nsid));
  }

  /** Gives an id that is about to be freed. */
  takeOver(path: string, nsid: number): void {
    this.#untilTrue(() => this.assign(path, nsid));
  }

  close(): void {
    this.#requester.close();
  }

  #isAssigned(nsid: number): boolean {
    const states = this.#requester.exchange(new NsidStates([nsid]));
    assert(!(states instanceof Promise), 'the kernel answers at once');
    return states[0] === true;
  }

  #untilTrue(attempt: () => boolean): void {
    const still = new Int32Array(new SharedArrayBuffer(4));
    const end = performance.now() + DEADLINE;
    while (!attempt()) {
      assert(performance.now() < end, 'the kernel frees a namespace that nothing holds');
      Atomics.wait(still, 0, 0, 1);
    }
  }
}
