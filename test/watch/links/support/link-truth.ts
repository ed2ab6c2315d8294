/**
 * All links of all namespaces by a full read that has nothing in common with what nlink does:
 * ip-link(8) inside each, and the nsids that it prints are resolved by the table of that very
 * namespace, asked for each of the others. Gives ids in these tables, as `ip link` does.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { NETNSA_FD } from '../../../../src/netlink/constants.ts';
import { NsidQueries } from '../../../../src/netlink/nsid-query.ts';
import type { ViewedLink, ViewedPeer } from './graph-view.ts';
import type { PlaceView } from './link-host.ts';
import { LinkRequests, withPaths } from './link-requests.ts';

/** What `ip -json -details link` prints of a link, as far as it is looked at. */
interface Printed {
  ifindex: number;
  ifname: string;
  flags: string[];
  mtu: number;
  operstate: string;
  master?: string;
  altnames?: string[];
  /** The name of a link in the same namespace; null: none. */
  link?: string | null;
  /** The index of a link in another one. */
  link_index?: number;
  link_netnsid?: number;
  linkinfo?: { info_kind?: string; info_data?: { link?: string } };
}

const STATES: Readonly<Record<string, string>> = {
  UNKNOWN: 'unknown',
  NOTPRESENT: 'not-present',
  DOWN: 'down',
  LOWERLAYERDOWN: 'lower-layer-down',
  TESTING: 'testing',
  DORMANT: 'dormant',
  UP: 'up',
};

/** What one namespace says. */
interface Read {
  place: PlaceView;
  links: Printed[];
  /** The label behind each of its nsids. */
  labels: Map<number, string>;
}

/** Null: a namespace ended meanwhile. */
export async function readTruth(places: readonly PlaceView[]): Promise<ViewedLink[] | null> {
  let reads: Read[];
  try {
    reads = await Promise.all(places.map((place) => read(place, places)));
  } catch {
    return null;
  }
  const all = new Map(reads.map((one) => [one.place.label, one]));
  return reads.flatMap((one) => one.links.map((link) => viewed(link, one, all)));
}

async function read(place: PlaceView, places: readonly PlaceView[]): Promise<Read> {
  const command = [`--net=${place.path}`, 'ip', '-json', '-details', 'link', 'show'];
  const { stdout } = await promisify(execFile)('nsenter', command, { maxBuffer: 2 ** 26 });
  return { place, links: JSON.parse(stdout) as Printed[], labels: labelsIn(place, places) };
}

/** Which of the others each nsid of a namespace means. */
function labelsIn({ path }: PlaceView, places: readonly PlaceView[]): Map<number, string> {
  return withPaths(
    places.map((other) => other.path),
    (fds) => {
      const questions = new NsidQueries(NETNSA_FD, fds as readonly number[]);
      const nsids = LinkRequests.inside(path, (requests) => requests.exchange(questions));
      const labels = new Map<number, string>();
      for (const [at, nsid] of nsids.entries())
        if (typeof nsid === 'number') labels.set(nsid, places[at]?.label ?? '?');
      return labels;
    },
  );
}

function viewed(link: Printed, from: Read, all: ReadonlyMap<string, Read>): ViewedLink {
  const master = from.links.find(({ ifname }) => ifname === link.master)?.ifindex;
  return {
    netns: from.place.label,
    ifindex: link.ifindex,
    name: link.ifname,
    kind: link.linkinfo?.info_kind ?? null,
    state: STATES[link.operstate] ?? link.operstate,
    up: link.flags.includes('UP'),
    mtu: link.mtu,
    master: link.master === undefined ? null : (master ?? -1),
    altNames: (link.altnames ?? []).toSorted(),
    peer: peerOf(link, from, all),
  };
}

function peerOf(link: Printed, from: Read, all: ReadonlyMap<string, Read>): ViewedPeer | null {
  const nsid = link.link_netnsid;
  const netns = nsid === undefined ? from.place.label : (from.labels.get(nsid) ?? `nsid ${nsid}`);
  const isVxlan = link.linkinfo?.info_kind === 'vxlan';
  const ifindex = isVxlan ? lowerOfVxlan(link, from) : indexOf(link, from);
  // A vxlan that is bound to no device still sends in the namespace that it was made in.
  if (ifindex === null) return isVxlan && nsid !== undefined ? { netns, ifindex, name: null } : null;
  const name = all.get(netns)?.links.find((other) => other.ifindex === ifindex)?.ifname ?? null;
  return { netns, ifindex, name };
}

/** `ip` prints an index only where the other end is elsewhere. */
function indexOf({ link, link_index: index }: Printed, from: Read): number | null {
  if (index !== undefined) return index === 0 ? null : index;
  return link === undefined || link === null ? null : numberOf(link, from);
}

/**
 * Its `link` abroad is its own index; that of its lower device, in the namespace it was made in, is
 * printed as the name that this index has here, or as `if` and the index.
 */
const lowerOfVxlan = ({ linkinfo }: Printed, from: Read): number | null =>
  linkinfo?.info_data?.link === undefined ? null : numberOf(linkinfo.info_data.link, from);

const numberOf = (name: string, { links }: Read): number | null =>
  links.find(({ ifname }) => ifname === name)?.ifindex ?? Number(/^if(\d+)$/.exec(name)?.[1] ?? -1);
