/**
 * The requests about links, each an `Exchange`: all links of a namespace, single ones by their
 * ifindex. Of one's own namespace or of the one of an nsid here, by IFLA_TARGET_NETNSID, which a
 * kernel before Linux 4.15 passes over: then it answers for one's own, and does not repeat it.
 * `rtnl_dump_ifinfo` and `rtnl_getlink` in net/core/rtnetlink.c.
 */
import { littleEndian } from '../sys/endian.ts';
import { errorAt } from './acknowledgement.ts';
import { NLM_F_DUMP, NLM_F_REQUEST, NLMSG_ERROR } from './constants.ts';
import {
  IFLA_EXT_MASK,
  IFLA_TARGET_NETNSID,
  RTEXT_FILTER_SKIP_STATS,
  RTM_GETLINK,
  RTM_NEWLINK,
} from './link-constants.ts';
import { IFINFOMSG_SIZE, readLinkMessage } from './link-message.ts';
import type { LinkMessage, WantedOfLink } from './link-message.ts';
import { NLMSG_HDRLEN } from './message.ts';
import type { MessageCursor } from './message.ts';
import { writeAttribute, writeHeader } from './nsid-request.ts';
import type { Exchange, WriteBuffer } from './requester.ts';
import { TargetDump, targetIgnored } from './target-dump.ts';
import type { DumpKind } from './target-dump.ts';

/** `IFLA_TARGET_NETNSID` is of that version. */
const LINKS = { what: 'links', since: '4.15' } as const;
const BODY: number = NLMSG_HDRLEN + IFINFOMSG_SIZE;

/** Writes a request over whatever stood there. @returns its length */
function writeRequest(view: DataView, at: number, { flags, sequence, ifindex, target }: LinkRequest): number {
  writeHeader(view, at, BODY, RTM_GETLINK, flags, sequence);
  view.setUint32(at + NLMSG_HDRLEN, 0, littleEndian);
  view.setInt32(at + NLMSG_HDRLEN + 4, ifindex, littleEndian);
  view.setUint32(at + NLMSG_HDRLEN + 8, 0, littleEndian);
  view.setUint32(at + NLMSG_HDRLEN + 12, 0, littleEndian);
  const length = writeAttribute(view, at, BODY, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  return target === null ? length : writeAttribute(view, at, length, IFLA_TARGET_NETNSID, target);
}

interface LinkRequest {
  flags: number;
  sequence: number;
  ifindex: number;
  target: number | null;
}

/** Asks for all links, in this namespace or in that of an nsid here. */
export class LinkDump extends TargetDump<LinkMessage> {
  /** @param wanted what is read of each */
  constructor(target: number | null, wanted: WantedOfLink = 'link') {
    super(KINDS[wanted], target);
  }
}

const KINDS: Record<WantedOfLink, DumpKind<LinkMessage>> = {
  all: linkDump('all'),
  link: linkDump('link'),
  counters: linkDump('counters'),
};

function linkDump(wanted: WantedOfLink): DumpKind<LinkMessage> {
  return {
    ...LINKS,
    request: RTM_GETLINK,
    answer: RTM_NEWLINK,
    write: (view, sequence, target) =>
      writeRequest(view, 0, { flags: NLM_F_REQUEST | NLM_F_DUMP, sequence, ifindex: 0, target }),
    read: (message) => readLinkMessage(message, wanted),
  };
}

/** A link that is asked for. */
export interface LinkQuery {
  /** The nsid of its namespace; null: one's own. */
  target: number | null;
  ifindex: number;
}

/**
 * Asks for several links. The refusals come back as numbers, for they are no failure: `ENODEV` (it
 * is gone), `EINVAL` (its namespace is gone), `EACCES` (one may not look into that).
 */
export class LinkQueries implements Exchange<(LinkMessage | number)[]> {
  readonly count: number;
  readonly repeatable = true;
  readonly #queries: readonly LinkQuery[];
  readonly #answers: (LinkMessage | number)[];
  #missing: number;
  #isIgnored = false;

  /** @param queries at least one, and no more than the requester's batch */
  constructor(queries: readonly LinkQuery[]) {
    this.#queries = queries;
    this.count = queries.length;
    this.#missing = queries.length;
    this.#answers = queries.map(() => 0);
  }

  write({ bytes, view }: WriteBuffer, sequence: number): { bytes: Uint8Array; length: number } {
    const request = {
      flags: NLM_F_REQUEST,
      sequence,
      ifindex: 0,
      target: 0 as number | null,
    };
    let length = 0;
    for (const { target, ifindex } of this.#queries) {
      request.target = target;
      request.ifindex = ifindex;
      length += writeRequest(view, length, request);
      request.sequence++;
    }
    return { bytes, length };
  }

  take(message: MessageCursor, index: number): boolean {
    if (message.type === NLMSG_ERROR) this.#answers[index] = errorAt(message);
    else {
      const link = readLinkMessage(message, 'link');
      if (link.targetNsid !== this.#queries[index]?.target) this.#isIgnored = true;
      this.#answers[index] = link;
    }
    return --this.#missing === 0;
  }

  /** @throws NlinkError `ERR_NLINK_UNSUPPORTED_KERNEL` */
  result(): (LinkMessage | number)[] {
    if (this.#isIgnored) throw targetIgnored(LINKS.what, LINKS.since);
    return this.#answers;
  }
}
