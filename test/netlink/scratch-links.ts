/**
 * Links of several namespaces, looked at from a scratch namespace in which each has a number: what
 * the live tests of links have in common.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { LinkDump } from '../../src/netlink/link-request.ts';
import type { LinkMessage } from '../../src/netlink/link-message.ts';
import { NsidAssignments } from '../../src/netlink/nsid-assignments.ts';
import type { RawSocket } from '../../src/netlink/raw-socket.ts';
import { Requester } from '../../src/netlink/requester.ts';
import { openScratchSockets } from '../../src/netlink/scratch-sockets.ts';
import { netlinkSystem } from '../../src/sys/socket.ts';
import type { NetlinkSystem } from '../../src/sys/socket.ts';

/** The sizes of batches for answers about links. */
export const LINK_SIZES = { most: 64, cost: 8192, slot: 4096 } as const;

export interface Scratch {
  requester: Requester;
  /** More sockets in the same namespace. */
  sockets: RawSocket[];
  /** Gives the namespace of a path a number. */
  number: (path: string, nsid: number) => void;
  /** The links in the namespace of a number, by their names. */
  links: (nsid: number) => Map<string, LinkMessage>;
}

/** A scratch namespace for a test. */
export async function openScratch(
  t: TestContext,
  more = 0,
  system: NetlinkSystem = netlinkSystem(),
): Promise<Scratch> {
  const [socket, ...sockets] = await openScratchSockets({ system }, more + 1);
  const requester = new Requester(socket as RawSocket, LINK_SIZES);
  t.after(() => {
    requester.close();
    for (const other of sockets) other.close();
  });
  return {
    requester,
    sockets,
    number: (path, nsid) => {
      const fd = openSync(path, 'r');
      const errors = requester.exchange(new NsidAssignments([fd], nsid));
      closeSync(fd);
      if (!Array.isArray(errors) || errors[0] !== 0)
        throw new Error(`no number for ${path}: ${JSON.stringify(errors)}`);
    },
    links: (nsid) => {
      const dump = requester.exchange(new LinkDump(nsid));
      if (dump instanceof Promise) throw new Error('the kernel did not answer at once');
      return new Map(dump.all.map((link) => [link.name, link]));
    },
  };
}

/** ip(8) in the namespace of a path. */
export function inside(path: string, ...words: string[]): void {
  execFileSync('nsenter', [`--net=${path}`, 'ip', ...words], { stdio: 'pipe' });
}
