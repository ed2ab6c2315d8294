/**
 * What is read of a notification about a link. They come by the hundred thousand, and nearly all of
 * them say only that something of a link is different: of those the header alone is read.
 */
import { littleEndian } from '../sys/endian.ts';
import { linkAddressText } from './address-text.ts';
import { AttributeCursor } from './attribute.ts';
import {
  IFLA_ADDRESS,
  IFLA_IFNAME,
  IFLA_INFO_KIND,
  IFLA_LINKINFO,
  IFLA_NEW_IFINDEX,
  IFLA_NEW_NETNSID,
} from './link-constants.ts';
import { IFINFOMSG_SIZE } from './link-message.ts';
import { shortText } from './short-text.ts';

/** Something happened to a link. */
export interface LinkHint {
  type: 'newLink' | 'delLink';
  /** The nsid of its namespace, where that is another one than the socket's own. */
  origin: number | null;
  /** The link's index there. */
  ifindex: number;
  /** Of a link that moved (`delLink`): where to, by the nsid in the table of `origin`. */
  newNsid: number | null;
  /** Of a link that moved: its index there. Null also where it is `cut`. */
  newIfindex: number | null;
  /** Of a link that moved or arrived, otherwise null: what it may be known by elsewhere. */
  name: string | null;
  /** As `name`; written as in `LinkMessage`. */
  address: string | null;
  /** As `name`; null also for a link without a kind. */
  kind: string | null;
  /** Of a `newLink`: it was made, or came from another namespace (`ifi_change` has all bits). */
  isBirth: boolean;
  /** The notification was longer than what it was received into, and its end is missing. */
  cut: boolean;
}

/** What `ifi_change` says of a link that comes or goes. */
const ALL = 0xffffffff;

export class LinkHintReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #attributes = new AttributeCursor();
  readonly #info = new AttributeCursor();

  constructor(bytes: Uint8Array, view: DataView) {
    this.#bytes = bytes;
    this.#view = view;
  }

  /**
   * Reads a payload, of at least a `struct ifinfomsg`.
   * @returns null: it makes no sense
   */
  read(isNew: boolean, start: number, end: number, origin: number | null, isCut: boolean): LinkHint | null {
    const hint: LinkHint = {
      type: isNew ? 'newLink' : 'delLink',
      origin,
      ifindex: this.#view.getInt32(start + 4, littleEndian),
      newNsid: null,
      newIfindex: null,
      name: null,
      address: null,
      kind: null,
      isBirth: isNew && this.#view.getUint32(start + 12, littleEndian) === ALL,
      cut: isCut,
    };
    if (isNew && !hint.isBirth) return hint;
    try {
      if (!isNew) this.#readTarget(hint, start, end);
      // It is gone, and by its index all is said.
      if (isNew || hint.newIfindex !== null) this.#readMarks(hint, start, end);
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ERR_NLINK_MALFORMED') throw error;
      // The attribute that was cut off: what came before it counts.
      if (!isCut) return null;
    }
    return hint;
  }

  /** Where it moved to. */
  #readTarget(hint: LinkHint, start: number, end: number): void {
    const attributes = this.#attributes;
    attributes.reset(this.#view, start + IFINFOMSG_SIZE, end);
    while (attributes.next()) {
      if (attributes.type === IFLA_NEW_NETNSID) hint.newNsid = attributes.s32();
      else if (attributes.type === IFLA_NEW_IFINDEX) {
        hint.newIfindex = attributes.u32();
        return;
      }
    }
  }

  /** What it may be known by. */
  #readMarks(hint: LinkHint, start: number, end: number): void {
    const attributes = this.#attributes;
    const deviceType = this.#view.getUint16(start + 2, littleEndian);
    attributes.reset(this.#view, start + IFINFOMSG_SIZE, end);
    while (attributes.next()) {
      const { type } = attributes;
      if (type === IFLA_IFNAME) hint.name = shortText(this.#bytes, attributes.start, attributes.end);
      else if (type === IFLA_ADDRESS)
        hint.address = linkAddressText(deviceType, this.#bytes, attributes.start, attributes.end);
      else if (type === IFLA_LINKINFO) {
        hint.kind = this.#kind(attributes.start, attributes.end);
        // The last of the three.
        return;
      }
    }
  }

  #kind(start: number, end: number): string | null {
    this.#info.reset(this.#view, start, end);
    while (this.#info.next())
      if (this.#info.type === IFLA_INFO_KIND) return shortText(this.#bytes, this.#info.start, this.#info.end);
    return null;
  }
}
