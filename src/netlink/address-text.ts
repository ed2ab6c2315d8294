/** Addresses as people write them: hardware addresses, IPv4, IPv6 by RFC 5952. */

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** `ARPHRD_*` of links whose address is one of IP: ipip, ip6tnl, sit, gre, ip6gre. */
const IP_TYPES: ReadonlySet<number> = new Set([768, 769, 776, 778, 823]);

/**
 * The address of a link of this `ARPHRD_*`: `02:00:00:00:00:01`, of any length, or an IP address;
 * null: none.
 */
export function linkAddressText(type: number, bytes: Uint8Array, start: number, end: number): string | null {
  return IP_TYPES.has(type) ? ipText(bytes, start, end) : hardwareText(bytes, start, end);
}

function hardwareText(bytes: Uint8Array, start: number, end: number): string | null {
  if (end <= start) return null;
  let text = HEX[bytes[start] as number] as string;
  for (let at = start + 1; at < end; at++) text += `:${HEX[bytes[at] as number]}`;
  return text;
}

/** The address in 4 or 16 bytes; null: in none of these. */
export function ipText(bytes: Uint8Array, start: number, end: number): string | null {
  if (end - start === 4) return ipv4Text(bytes, start);
  return end - start === 16 ? ipv6Text(bytes, start) : null;
}

/** As {@link ipText}; null also for `0.0.0.0` and `::`, by which the kernel means none. */
export function ipTextOrNone(bytes: Uint8Array, start: number, end: number): string | null {
  for (let at = start; at < end; at++) if (bytes[at] !== 0) return ipText(bytes, start, end);
  return null;
}

function ipv4Text(bytes: Uint8Array, start: number): string {
  return `${bytes[start]}.${bytes[start + 1]}.${bytes[start + 2]}.${bytes[start + 3]}`;
}

/** In section 5 of RFC 5952: of these 12 bytes, the last four are written as IPv4. */
function isMapped(bytes: Uint8Array, start: number): boolean {
  for (let at = start; at < start + 10; at++) if (bytes[at] !== 0) return false;
  return bytes[start + 10] === 0xff && bytes[start + 11] === 0xff;
}

const hexGroups = (groups: readonly number[]): string => groups.map((group) => group.toString(16)).join(':');

function ipv6Text(bytes: Uint8Array, start: number): string {
  if (isMapped(bytes, start)) return `::ffff:${ipv4Text(bytes, start + 12)}`;
  const groups: number[] = [];
  for (let at = start; at < start + 16; at += 2)
    groups.push(((bytes[at] as number) << 8) | (bytes[at + 1] as number));
  const { first, length } = longestZeros(groups);
  // A single group of zeros is not shortened.
  if (length < 2) return hexGroups(groups);
  return `${hexGroups(groups.slice(0, first))}::${hexGroups(groups.slice(first + length))}`;
}

/** The longest run of groups of zeros; of several the first. */
function longestZeros(groups: readonly number[]): { first: number; length: number } {
  let best = { first: 0, length: 0 };
  let length = 0;
  for (const [index, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0;
    if (length > best.length) best = { first: index - length + 1, length };
  }
  return best;
}
