/**
 * What differs between two pictures of a host, as the events that would have told it, were they not
 * lost. In an order that makes sense to whoever applies them: what is gone, then what is there.
 *
 * | before                     | now                     | told                                  |
 * | -------------------------- | ----------------------- | ------------------------------------- |
 * | a namespace                | not there               | `linkRemoved`, `deleted`, `destroyed` |
 * | not there                  | with names              | `created` for each, `linkAdded`       |
 * | not there                  | without a name          | `found`, `linkAdded`                  |
 * | a name                     | not there               | `deleted`                             |
 * | a name                     | without a namespace     | `unmounted`                           |
 * | a name                     | of another namespace    | `deleted`, `created`                  |
 * | a name without a namespace | not there               | `deleted`                             |
 * | a name without a namespace | of a namespace          | `mounted`                             |
 * | not there                  | a name without one      | `created`, not ready                  |
 * | no nsid, or another        | an nsid                 | `nsidAssigned`                        |
 * | a link                     | not there, or elsewhere | `linkRemoved`, `linkAdded`            |
 * | a link                     | otherwise               | `linkChanged` with what differs       |
 *
 * What no event tells (processes, owners, why a name is not ready) is told by none here.
 * {@link Differences.isComplete} says of what changes now and then all the same.
 */
import type { PageName, PageNamespace, WireEvent } from '../core.ts';
import { linksGone, linksThere } from './link-differences.ts';
import { isUnready, kinOf, pairsOf } from './pairs.ts';
import type { Kin } from './pairs.ts';
import type { Picture } from './picture.ts';
import { located } from './rows.ts';

type Told = Omit<WireEvent, 'time'>;
type Pairs = ReadonlyMap<PageNamespace, PageNamespace>;
interface Holder {
  namespace: PageNamespace;
  name: PageName;
}

export interface Differences {
  events: WireEvent[];
  /** False: something differs that no event tells: an nsid is gone, or a part is known no more. */
  isComplete: boolean;
}

/** @param time ISO 8601: when it was found */
export function differences(before: Picture, after: Picture, time: string): Differences {
  const [old, now] = [[...before.namespaces.values()], [...after.namespaces.values()]];
  const kin = kinOf(before.epoch, after.epoch);
  const pairs = pairsOf(old, now, kin);
  const kept = new Set([...pairs].flatMap((pair) => keptNames(...pair, kin)));
  const paired = new Set(pairs.values());
  const ended = old.filter((one) => !pairs.has(one));
  const born = now.filter((one) => !paired.has(one));
  const [names, lastNames] = [holdersOf(now), holdersOf(old)];
  const told = [
    ...old.flatMap((one) => linksGone({ picture: before, namespace: one }, pairs.get(one) ?? null)),
    ...old.flatMap((one) => namesGone(one, pairs, names, kept)),
    ...ended.filter((one) => !isUnready(one)).map(destroyed),
    ...now.flatMap((one) => namesThere(one, lastNames, kept)),
    ...born.filter(({ names: [name] }) => name === undefined).map(found),
    ...[...pairs].flatMap(([was, is]) => assigned(was, is)),
    ...born.flatMap((one) => linksThere(null, { picture: after, namespace: one })),
    ...[...pairs].flatMap(([was, is]) =>
      linksThere({ picture: before, namespace: was }, { picture: after, namespace: is }),
    ),
  ];
  const isNsidLost = [...pairs].some(([was, is]) => was.nsid !== null && is.nsid === null);
  const isSame = before.unavailable.join() === after.unavailable.join();
  return { events: told.map((event) => eventOf(event, time)), isComplete: isSame && !isNsidLost };
}

/** Its time stands where it does in those of an agent. */
const eventOf = ({ type, ...fields }: Told, time: string): WireEvent => ({ type, time, ...fields });

const holdersOf = (all: readonly PageNamespace[]): Map<string, Holder> =>
  new Map(all.flatMap((one) => one.names.map((name) => [name.path, { namespace: one, name }])));

/**
 * The names that one had and has. They stand in the order in which they came, as far as one agent
 * looked on: one that stands after a new one was deleted and is back.
 */
function keptNames(was: PageNamespace, is: PageNamespace, kin: Kin): string[] {
  const had = was.names.filter(({ ready }) => ready).map(({ path }) => path);
  const kept: string[] = [];
  let from = 0;
  for (const { path } of is.names.filter(({ ready }) => ready)) {
    const at = had.indexOf(path, from);
    if (at >= 0) kept.push(path);
    else if (kin === 'epoch') break;
    if (kin === 'epoch') from = at + 1;
  }
  return kept;
}

function namesGone(
  one: PageNamespace,
  pairs: Pairs,
  names: ReadonlyMap<string, Holder>,
  kept: ReadonlySet<string>,
): Told[] {
  const { nsid, identity } = one;
  const pair = pairs.get(one);
  return one.names.flatMap((name): Told[] => {
    const holder = names.get(name.path);
    const where = located(name);
    if (!name.ready)
      return holder === undefined
        ? [told('deleted', { ...where, nsid: null, alive: null, namespace: null })]
        : [];
    if (kept.has(name.path)) return [];
    const type = holder?.name.ready === false ? 'unmounted' : 'deleted';
    return [told(type, { ...where, nsid, alive: pair !== undefined, namespace: identity })];
  });
}

function namesThere(
  one: PageNamespace,
  lastNames: ReadonlyMap<string, Holder>,
  kept: ReadonlySet<string>,
): Told[] {
  const { nsid, identity: namespace } = one;
  return one.names.flatMap((name): Told[] => {
    const last = lastNames.get(name.path);
    const where = located(name);
    if (!name.ready) {
      // Of one that was of a namespace `unmounted` said so.
      if (last !== undefined) return [];
      const reason = name.reason ?? 'not-a-namespace';
      return [told('created', { ...where, ready: false, reason, nsid: null, namespace: null })];
    }
    if (last?.name.ready === false) return [told('mounted', { ...where, nsid, namespace })];
    if (kept.has(name.path)) return [];
    return [told('created', { ...where, ready: true, nsid, namespace })];
  });
}

const destroyed = (one: PageNamespace): Told =>
  told('destroyed', { ...whichOf(one), names: one.names.map(located), ...inhabitantsOf(one) });

/** The agent's own is told by none of its events: it was there before them. */
const found = (one: PageNamespace): Told =>
  told('found', { ...whichOf(one), ...(one.own ? { own: true } : {}), ...inhabitantsOf(one) });

const assigned = (was: PageNamespace, is: PageNamespace): Told[] =>
  is.nsid === null || is.nsid === was.nsid
    ? []
    : [told('nsidAssigned', { ...whichOf(is), names: is.names.map(located), ...inhabitantsOf(is) })];

const whichOf = ({ nsid, identity: namespace }: PageNamespace): object => ({ nsid, namespace });

const inhabitantsOf = ({ number, pids, loOnly, owner }: PageNamespace): object => ({
  number,
  pids,
  loOnly,
  owner,
});

const told = (type: string, fields: object): Told => ({ type, ...fields }) as unknown as Told;
