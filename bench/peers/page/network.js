/**
 * An invented network, the same for nlink and for other programs that draw one: routers in a grid,
 * each joined with the one to its right and the one below it. None of them is like another, so none
 * is drawn as one of many.
 */

const WIDE = 25;

/** @returns `boxes` namespaces besides one's own, with their links as an inventory has them */
export function networkOf(boxes) {
  const entries = Array.from({ length: boxes + 1 }, (_, number) => entryOf(number));
  const join = (one, other) => {
    const [a, b] = [entries[one], entries[other]];
    const [here, there] = [linkOf(a, `to-n${other}`), linkOf(b, `to-n${one}`)];
    here.peer = { netns: netnsOf(b), ifindex: there.ifindex, name: there.name };
    there.peer = { netns: netnsOf(a), ifindex: here.ifindex, name: here.name };
  };
  for (let at = 1; at <= boxes; at++) {
    if (at % WIDE !== 0 && at < boxes) join(at, at + 1);
    if (at + WIDE <= boxes) join(at, at + WIDE);
  }
  // The host reaches the first of each eighth row.
  for (let at = 1; at <= boxes; at += 8 * WIDE) join(0, at);
  return entries;
}

function entryOf(number) {
  const own = number === 0;
  const name = `n${number}`;
  const directory = '/var/run/netns';
  const entry = {
    number,
    namespace: { id: BigInt(1000 + number), dev: 4n, ino: BigInt(4_026_532_000 + number), since: 1n },
    nsid: own ? null : number,
    names: own ? [] : [{ name, path: `${directory}/${name}`, directory, ready: true }],
    own,
    lingering: false,
    pids: own ? [1] : [],
    owner: null,
    loOnly: false,
    links: [],
    linksState: 'live',
  };
  Object.assign(linkOf(entry, 'lo', null), { peerState: null, state: 'unknown', address: null });
  return entry;
}

function linkOf(entry, name, kind = 'veth') {
  const ifindex = entry.links.length + 1;
  const address = `02:00:${hex(entry.number >> 8)}:${hex(entry.number & 255)}:00:${hex(ifindex)}`;
  const rest = { altNames: [], alias: null, slaveKind: null, master: null, details: null, peer: null };
  const link = { ifindex, name, kind, state: 'up', up: true, flags: 1, mtu: 1500, address, ...rest };
  link.peerState = 'paired';
  entry.links.push(link);
  return link;
}

const hex = (byte) => byte.toString(16).padStart(2, '0');

export const netnsOf = ({ namespace, number, nsid, names, own, owner, pids }) => ({
  namespace,
  number,
  nsid,
  names,
  own,
  owner,
  pids,
});

/** Turns links of a network down and up again, in a row that looks like chance and is not. */
export class Updates {
  #entries;
  #at = 0;

  constructor(entries) {
    this.#entries = entries.slice(1);
  }

  /** @returns the entry, and its link as it is now */
  next() {
    const entry = this.#entries[(this.#at * 7919) % this.#entries.length];
    const at = 1 + (this.#at++ % (entry.links.length - 1));
    const state = entry.links[at].state === 'up' ? 'down' : 'up';
    entry.links[at] = { ...entry.links[at], state };
    return { entry, link: entry.links[at] };
  }
}
