/**
 * What the kernel sends to the group `RTNLGRP_NSID` (Linux 4.1): `RTM_NEWNSID` when it has assigned
 * an nsid to a namespace, `RTM_DELNSID` when it has freed a namespace that had one. Both hold the
 * nsid and nothing else of the namespace.
 */
import { littleEndian } from '../sys/endian.ts';
import { AttributeCursor } from './attribute.ts';
import { NETNSA_FD, NETNSA_NSID, NETNSA_PID, RTM_DELNSID, RTM_NEWNSID } from './constants.ts';
import { malformed } from './malformed.ts';
import { MessageCursor, NLMSG_HDRLEN } from './message.ts';
import { RTGENMSG_SIZE } from './nsid-message.ts';
import { ATTRIBUTE_SIZE, BODY } from './nsid-request.ts';

/** A namespace was assigned an nsid. */
export interface NewNsidEvent {
  type: 'newNsid';
  /** The nsid, 0 to 2^31-1: in the table of the namespace that is listened in, or of `origin`. */
  nsid: number;
  /** `NETNSA_PID`, where the kernel says it; Linux up to 6.18 never does. */
  pid?: number;
  /** `NETNSA_FD`, where the kernel says it; Linux up to 6.18 never does. */
  fd?: number;
  /**
   * Whose table the nsid is in, by its nsid in the namespace that is listened in; left out: in that
   * one's own.
   */
  origin?: number;
}

/** The kernel freed a namespace and removed its nsid. */
export interface DelNsidEvent {
  type: 'delNsid';
  /** As in {@link NewNsidEvent}. */
  nsid: number;
  /** As in {@link NewNsidEvent}. */
  origin?: number;
}

/** A notification of the kernel about nsids. */
export type NsidEvent = NewNsidEvent | DelNsidEvent;

/** Two numbers of 16 bits, one after the other, as a number of 32. */
const pair = (first: number, second: number): number =>
  littleEndian ? first | (second << 16) : (first << 16) | second;
/** Bytes of the only notification that the kernel has ever sent: NETNSA_NSID and nothing else. */
export const PLAIN_SIZE: number = BODY + ATTRIBUTE_SIZE;
const PLAIN_NEW = pair(RTM_NEWNSID, 0);
const PLAIN_DEL = pair(RTM_DELNSID, 0);
const PLAIN_NSID = pair(ATTRIBUTE_SIZE, NETNSA_NSID);
const TYPE_WORD = 1;
const ATTRIBUTE_WORD: number = (NLMSG_HDRLEN + RTGENMSG_SIZE) / 4;

/**
 * The event of a datagram of {@link PLAIN_SIZE} bytes, word by word, since they come by the
 * thousand. Null: it is no plain event, and has to be read as any other.
 * @param at in 32-bit words
 */
export function plainEvent(words: Int32Array, at: number): NsidEvent | null {
  const type = words[at + TYPE_WORD];
  const nsid = words[at + ATTRIBUTE_WORD + 1] as number;
  if (words[at] !== PLAIN_SIZE || words[at + ATTRIBUTE_WORD] !== PLAIN_NSID || nsid < 0) return null;
  if (type === PLAIN_NEW) return { type: 'newNsid', nsid };
  return type === PLAIN_DEL ? { type: 'delNsid', nsid } : null;
}

/** Reads events out of messages. Allocates nothing but the events. */
export class NsidEventReader {
  readonly #attributes = new AttributeCursor();

  /**
   * The next event, from the message that comes next; other messages are passed over. Null at the
   * end.
   * @throws NlinkError `ERR_NLINK_MALFORMED`; what comes after the message may still be read
   */
  next(messages: MessageCursor): NsidEvent | null {
    while (messages.next()) {
      const { type } = messages;
      if (type === RTM_NEWNSID) return this.#created(messages);
      if (type === RTM_DELNSID) return { type: 'delNsid', nsid: this.#nsid(messages) };
    }
    return null;
  }

  #created(messages: MessageCursor): NewNsidEvent {
    const event: NewNsidEvent = { type: 'newNsid', nsid: 0 };
    let nsid: number | null = null;
    const attributes = this.#open(messages);
    while (attributes.next()) {
      if (attributes.type === NETNSA_NSID) nsid = attributes.s32();
      else if (attributes.type === NETNSA_PID) event.pid = attributes.u32();
      else if (attributes.type === NETNSA_FD) event.fd = attributes.u32();
    }
    event.nsid = checked(nsid);
    return event;
  }

  #nsid(messages: MessageCursor): number {
    let nsid: number | null = null;
    const attributes = this.#open(messages);
    while (attributes.next()) if (attributes.type === NETNSA_NSID) nsid = attributes.s32();
    return checked(nsid);
  }

  #open({ view, start, end }: MessageCursor): AttributeCursor {
    if (end - start < RTGENMSG_SIZE) throw malformed(`a payload of ${end - start} bytes in an nsid message`);
    this.#attributes.reset(view, start + RTGENMSG_SIZE, end);
    return this.#attributes;
  }
}

/** It remembers nothing from one message to the next. */
const shared = new NsidEventReader();

/**
 * The events in a datagram, in order; messages of other types are passed over.
 * @throws NlinkError `ERR_NLINK_MALFORMED`
 */
export function decodeNsidEvents(bytes: Uint8Array): NsidEvent[] {
  const messages = cursorOver(bytes);
  const events: NsidEvent[] = [];
  for (let event = shared.next(messages); event !== null; event = shared.next(messages)) events.push(event);
  return events;
}

/**
 * Datagrams of a few messages, as the kernel sends them, are copied here: a view of each would take
 * longer than to decode it.
 */
const few = new MessageCursor(new Uint8Array(256));

function cursorOver(bytes: Uint8Array): MessageCursor {
  if (bytes.byteLength > few.bytes.byteLength) return new MessageCursor(bytes);
  few.bytes.set(bytes);
  few.reset(0, bytes.byteLength);
  return few;
}

function checked(nsid: number | null): number {
  if (nsid === null || nsid < 0) throw malformed('an event without an nsid');
  return nsid;
}
