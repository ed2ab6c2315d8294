/** A connection that answers what the test wrote down. */
import { readlinkSync } from 'node:fs';
import type { NsidConnection } from '../../../src/cli/host/io.ts';
import type { ListNsidsOptions } from '../../../src/netlink/connection-options.ts';
import type { NsidOrError } from '../../../src/netlink/nsid-by-reference.ts';
import { RTM_GETNSID, RTM_NEWNSID } from '../../../src/netlink/constants.ts';
import type { RequestMessage } from '../../../src/netlink/general-request.ts';
import type { NetlinkMessage } from '../../../src/netlink/message.ts';
import { NetlinkError } from '../../../src/netlink/netlink-error.ts';
import { decodeNsidMessage, encodeNsidMessage } from '../../../src/netlink/nsid-message.ts';
import type { BegunListing } from '../../../src/netlink/nsid-client.ts';
import type { NsidListing } from '../../../src/netlink/nsid-listing.ts';
import type { NamespaceReference } from '../../../src/reference/reference.ts';
import { systemError } from '../../../src/sys/errno.ts';
import type { SystemError } from '../../../src/sys/errno.ts';

export const OWN = '/proc/self/ns/net';

/** A listing of these ids, in the connection's own table. */
export const listing = (...nsids: number[]): NsidListing => ({
  entries: nsids.map((nsid) => ({ nsid, current: nsid })),
  complete: true,
});

/** The kernel's refusal. */
export const refusal = (type: number, error: number, text: string | null = null): NetlinkError =>
  new NetlinkError(type, { error, text, offset: null });

type Answer<T> = T | Error | (() => T | Error);

export class FakeConnection implements NsidConnection {
  /** What it was asked, in order. */
  readonly asked: string[] = [];
  closed = false;
  /** By path, or by process. What is not here does not exist. */
  nsids: Record<string, Answer<number | null>> = { [OWN]: null };
  list: Answer<NsidListing> = listing();
  /** By the id of the target. */
  targets: Record<number, { list: Answer<NsidListing>; own: number | null }> = {};
  assign: Answer<number> = 0;

  async getNsid(reference: NamespaceReference): Promise<number | null> {
    if (typeof reference === 'object' && 'pid' in reference) {
      this.asked.push(`pid ${reference.pid}`);
      return given<number | null>(
        this.nsids[reference.pid] ?? refusal(RTM_GETNSID, 3, 'Peer netns reference is invalid'),
      );
    }
    const path = pathOf(reference);
    this.asked.push(path);
    return given(this.#nsid(path));
  }

  async getNsids(references: readonly NamespaceReference[]): Promise<NsidOrError[]> {
    return references.map((reference) => {
      const answer = this.#nsid(pathOf(reference));
      return (typeof answer === 'function' ? answer() : answer) as number | null | NetlinkError | SystemError;
    });
  }

  async listNsids({ target, known }: ListNsidsOptions = {}): Promise<NsidListing> {
    this.asked.push(target === undefined ? `list ${[...(known ?? [])].join()}` : `target ${target}`);
    if (target === undefined) return given(this.list);
    return given<NsidListing>(
      this.targets[target]?.list ?? refusal(RTM_GETNSID, 22, 'Target netns reference is invalid'),
    );
  }

  async beginListing(): Promise<BegunListing> {
    const listNsids = (known: readonly number[]): Promise<NsidListing> => this.listNsids({ known });
    return { listing: await listNsids([]), finish: listNsids };
  }

  /**
   * Whether an id is assigned; or whichever namespace is asked for in a target's table: only the
   * own one can be, without names that are real files.
   */
  async request({ type, payload }: RequestMessage): Promise<NetlinkMessage[]> {
    const { fd, nsid: meant, targetNsid = -1 } = decodeNsidMessage(payload);
    if (meant !== undefined) {
      const isListed = given<NsidListing>(this.list).entries.some((entry) => entry.nsid === meant);
      if (!isListed) throw refusal(type, 2, 'Peer netns reference is invalid');
      return [{ type: RTM_NEWNSID, flags: 0, sequence: 1, port: 1, payload }];
    }
    if (readlinkSync(`/proc/self/fd/${fd}`) !== readlinkSync(OWN)) throw refusal(type, 22);
    const nsid = this.targets[targetNsid]?.own ?? -1;
    const answer = encodeNsidMessage({ family: 0, nsid });
    return [{ type: RTM_NEWNSID, flags: 0, sequence: 1, port: 1, payload: answer }];
  }

  async setNsid(target: NamespaceReference, nsid: number | 'auto'): Promise<number> {
    this.asked.push(`set ${JSON.stringify(target)} ${nsid}`);
    return given(this.assign);
  }

  close(): void {
    this.closed = true;
  }

  #nsid(path: string): Answer<number | null> {
    const answer = this.nsids[path];
    return answer === undefined ? systemError(2, 'open', path, 'there is no such namespace') : answer;
  }
}

/** The command asks by process or by path. */
function pathOf(reference: NamespaceReference): string {
  if (typeof reference === 'object' && 'path' in reference) return reference.path;
  throw new Error(`asked for ${JSON.stringify(reference)}`);
}

function given<T>(answer: Answer<T>): T {
  const value = typeof answer === 'function' ? (answer as () => T | Error)() : answer;
  if (value instanceof Error) throw value;
  return value;
}
