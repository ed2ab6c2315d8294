/**
 * Random things that happen to links: made, moved with and without another name or index, renamed,
 * set up and down, put below a master, deleted; and to their namespaces. What is not possible at the
 * moment fails, as it would on a host, and changes nothing.
 */
import { NetlinkError } from '../../../../src/netlink/index.ts';
import type { Random } from '../../../support/random.ts';
import type { Link } from '../../../support/links.ts';
import { MARKER } from './graph-view.ts';
import type { LinkHost, Place } from './link-host.ts';
import { LinkRequests } from './link-requests.ts';
import type { KindData, NewEnd } from './link-requests.ts';

/** Of the namespaces with names. */
const NAMES = ['n0', 'n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7'] as const;
/** Namespaces without a name at most. */
const MOST_UNNAMED = 3;
/** Links of a namespace at most: then more are deleted. */
const MOST_LINKS = 12;
/** Kinds that are made of nothing, and those that need a lower device. Not all kernels have all. */
const ALONE = ['bridge', 'bridge', 'vxlan', 'vxlan', 'ifb', 'dummy'] as const;
const UPON = ['macvlan', 'macvlan', 'macvlan', 'vlan', 'ipvlan', 'macvtap', 'vxlan'] as const;
/** Few, so that one of them is often taken where a link moves to. */
const INDEXES = [20, 21, 22, 23] as const;

type Act = (host: LinkHost, random: Random) => string | Promise<string>;

/** Each with how often it comes. */
const ACTS: readonly (readonly [number, Act])[] = [
  [28, addVeth],
  [14, addUpon],
  [8, addAlone],
  [20, move],
  [8, rename],
  [5, changeAltName],
  [16, setUp],
  [3, setMtu],
  [8, setMaster],
  [8, remove],
  [2, changeName],
  [1, changeUnnamed],
];
const SUM = ACTS.reduce((sum, [weight]) => sum + weight, 0);

/** All names are there. */
export function startOperations(host: LinkHost): void {
  for (const name of NAMES) host.addNamed(name);
}

/** Does one thing. @returns what, in words like those of ip(8), and what it failed with */
export async function operate(host: LinkHost, random: Random): Promise<string> {
  let at = random.below(SUM);
  for (const [weight, act] of ACTS) {
    at -= weight;
    if (at < 0) return act(host, random);
  }
  return '';
}

/** Tries something; what the kernel refuses is part of the story. */
function attempt(words: string, act: () => void): string {
  try {
    act();
    return words;
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw new Error(words, { cause: error });
    return `${words}: ${error.code}`;
  }
}

const place = (host: LinkHost, random: Random): Place =>
  // Most of what happens on a host has one end in the host.
  random.below(4) === 0 ? host.own : random.one(host.places);

const newName = (random: Random): string => `${random.one(['e', 'v', 'w'] as const)}${random.below(30)}`;
const newIndex = (random: Random): number => (random.below(3) === 0 ? random.one(INDEXES) : 0);

function addVeth(host: LinkHost, random: Random): string {
  const [at, one, other] = [place(host, random), place(host, random), place(host, random)];
  const index = newIndex(random);
  const end = (where: Place): NewEnd => ({ name: newName(random), index, path: where.path });
  const [near, peer] = [end(one), end(other)];
  const words = `${one.label}:${near.name} and ${other.label}:${peer.name}, made in ${at.label}`;
  return attempt(`add veth ${words} index ${index}`, () =>
    LinkRequests.inside(at.path, (requests) => requests.add('veth', near, { peer })),
  );
}

function addUpon(host: LinkHost, random: Random): string {
  return withLink(host, random, 'upon', (link, at, requests) => {
    const kind = random.one(UPON);
    const to = place(host, random);
    const end = { name: newName(random), index: newIndex(random), path: to.path };
    return attempt(`add ${kind} ${to.label}:${end.name} upon ${at.label}:${link.name}`, () =>
      requests.add(kind, end, { lower: link.index, id: 1 + random.below(4000) }),
    );
  });
}

function addAlone(host: LinkHost, random: Random): string {
  const at = place(host, random);
  const kind = random.one(ALONE);
  const end = { name: newName(random), index: newIndex(random) };
  const data: KindData = { id: 1 + random.below(4000) };
  return attempt(`add ${kind} ${at.label}:${end.name}`, () =>
    LinkRequests.inside(at.path, (requests) => requests.add(kind, end, data)),
  );
}

function move(host: LinkHost, random: Random): string {
  const to = place(host, random);
  const name = random.below(3) === 0 ? newName(random) : null;
  const index = random.below(4) === 0 ? random.one(INDEXES) : null;
  const where = `to ${to.label} name ${name} index ${index}`;
  return withLink(host, random, where, (link, at, requests) =>
    attempt(`move ${at.label}:${link.name} ${where}`, () =>
      requests.move(link.index, { path: to.path, name, index }),
    ),
  );
}

function rename(host: LinkHost, random: Random): string {
  const name = newName(random);
  return withLink(host, random, name, (link, at, requests) =>
    attempt(`rename ${at.label}:${link.name} to ${name}`, () => requests.rename(link.index, name)),
  );
}

function changeAltName(host: LinkHost, random: Random): string {
  const name = `alternative-of-${newName(random)}`;
  const add = random.below(3) > 0;
  return withLink(host, random, name, (link, at, requests) =>
    attempt(`${add ? 'add' : 'remove'} altname ${name} of ${at.label}:${link.name}`, () =>
      requests.altName(link.index, name, add),
    ),
  );
}

function setUp(host: LinkHost, random: Random): string {
  const up = random.below(3) > 0;
  return withLink(host, random, 'up', (link, at, requests) =>
    attempt(`set ${at.label}:${link.name} ${up ? 'up' : 'down'}`, () => requests.up(link.index, up)),
  );
}

function setMtu(host: LinkHost, random: Random): string {
  const mtu = 1300 + random.below(5);
  return withLink(host, random, 'mtu', (link, at, requests) =>
    attempt(`set ${at.label}:${link.name} mtu ${mtu}`, () => requests.mtu(link.index, mtu)),
  );
}

function setMaster(host: LinkHost, random: Random): string {
  return withLink(host, random, 'master', (link, at, requests, all) => {
    const master = random.below(3) === 0 ? null : random.one(all);
    const words = `set ${at.label}:${link.name} master ${master?.name ?? 'none'}`;
    return attempt(words, () => requests.master(link.index, master?.index ?? 0));
  });
}

function remove(host: LinkHost, random: Random): string {
  return withLink(host, random, 'remove', (link, at, requests, all) => {
    const also = all.length > MOST_LINKS ? all.filter(() => random.below(2) === 0) : [];
    return [link, ...also.filter((other) => other !== link)]
      .map((one) =>
        attempt(`delete ${at.label}:${one.name}`, () => {
          requests.remove(one.index);
        }),
      )
      .join('; ');
  });
}

function changeName(host: LinkHost, random: Random): string {
  const name = random.one(NAMES);
  const there = host.named(name);
  if (there === undefined) return `netns add ${name}, ${host.addNamed(name).label}`;
  const keep = random.below(4) === 0 && unnamed(host).length < MOST_UNNAMED;
  host.unname(there, keep);
  return `netns del ${name}, ${there.label}${keep ? ', held' : ''}`;
}

async function changeUnnamed(host: LinkHost, random: Random): Promise<string> {
  const all = unnamed(host);
  if (all.length < MOST_UNNAMED && random.below(2) === 0) {
    const isInhabited = random.below(2) === 0;
    const made = isInhabited ? await host.addInhabited() : host.addHeld();
    return `${isInhabited ? 'a process in' : 'a descriptor of'} ${made.label}`;
  }
  if (all.length === 0) return '';
  const one = random.one(all);
  if (one.hold === 'descriptor') {
    host.release(one);
    return `release ${one.label}`;
  }
  const keep = random.below(2) === 0;
  await host.leave(one, keep);
  return `the process in ${one.label} ends${keep ? ', held' : ''}`;
}

const unnamed = ({ places }: LinkHost): Place[] =>
  places.filter(({ hold }) => hold === 'process' || hold === 'descriptor');

/** Uses a random link of a random namespace, and all those that are there. Markers stay as they are. */
function withLink(
  host: LinkHost,
  random: Random,
  what: string,
  use: (link: Link, at: Place, requests: LinkRequests, all: readonly Link[]) => string,
): string {
  const at = place(host, random);
  return LinkRequests.inside(at.path, (requests) => {
    const links = requests.list().filter(({ name }) => name !== 'lo' && !name.startsWith(MARKER));
    return links.length === 0
      ? `no link in ${at.label}: ${what}`
      : use(random.one(links), at, requests, links);
  });
}
