/**
 * Whether rows and events from elsewhere have the fields that the replay reads, each of the kind
 * that it is. What they say may still be nonsense: that harms the picture of that host alone.
 */
import { malformed } from '../wire/payload.ts';

type Fields = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => boolean;

/** No name, label or reason of the kernel's or nlink's is longer; details of a message may be. */
const LONGEST = 8192;
const MOST_ITEMS = 65_536;
/** What is nested deeper cannot be written as JSON again: that is done by recursion. */
const DEEPEST = 16;

const isText: Check = (value) => typeof value === 'string' && value.length <= LONGEST;
const isCount: Check = (value) => Number.isSafeInteger(value);
const isFlag: Check = (value) => typeof value === 'boolean';
const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** Fields that are not known here are kept too. */
function isShallow(value: unknown, most: number = DEEPEST): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (most === 0) return false;
  if (Array.isArray(value)) return value.every((one) => isShallow(one, most - 1));
  for (const name in value) if (!isShallow((value as Fields)[name], most - 1)) return false;
  return true;
}
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length <= MOST_ITEMS && value.every(check);
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
/** Fields that are not there are as good as those that are right, but for those in `needed`. */
const shape =
  (checks: Readonly<Record<string, Check>>, needed: readonly string[] = []): Check =>
  (value) => {
    if (!isObject(value)) return false;
    for (const name in checks)
      if (value[name] !== undefined && !(checks[name] as Check)(value[name])) return false;
    return needed.every((name) => value[name] !== undefined);
  };

const isIdentity = shape({ id: orNull(isText), dev: isText, ino: isText, since: isText }, [
  'id',
  'dev',
  'ino',
  'since',
]);
const isName = shape({ name: isText, path: isText, directory: isText }, ['name', 'path', 'directory']);
const isOwner = shape({ kind: isText, name: isText, id: orNull(isText) }, ['kind', 'name', 'id']);
const isPeer = shape(
  { netns: isText, number: orNull(isCount), ifindex: orNull(isCount), name: orNull(isText) },
  ['netns', 'number', 'ifindex', 'name'],
);
const WHERE: Readonly<Record<string, Check>> = {
  nsid: orNull(isCount),
  namespace: orNull(isIdentity),
  number: orNull(isCount),
  own: isFlag,
  names: listOf(isName),
  owner: orNull(isOwner),
  pids: listOf(isCount),
  loOnly: orNull(isFlag),
};
const NAME: Readonly<Record<string, Check>> = {
  name: orNull(isText),
  path: isText,
  directory: isText,
  ready: isFlag,
  reason: isText,
};
const LINK: Readonly<Record<string, Check>> = {
  ifindex: orNull(isCount),
  name: isText,
  kind: orNull(isText),
  state: orNull(isText),
  up: orNull(isFlag),
  mtu: orNull(isCount),
  address: orNull(isText),
  altNames: listOf(isText),
  alias: orNull(isText),
  master: orNull(isCount),
  slaveKind: orNull(isText),
  peer: orNull(isPeer),
  peerState: orNull(isText),
  flags: orNull(isCount),
  details: orNull(isObject),
};
const LINK_NEEDS = ['ifindex', 'name', 'kind', 'altNames', 'peer'];
const isLink = shape(LINK, LINK_NEEDS);
const isNamespaceRow = shape(
  { ...WHERE, ...NAME, lingering: isFlag, linksState: orNull(isText), processes: orNull(isCount) },
  ['name', 'nsid', 'namespace', 'own'],
);
const isLinkRow = shape({ ...WHERE, linksState: isText, ...LINK }, [
  ...LINK_NEEDS,
  'nsid',
  'namespace',
  'own',
  'linksState',
]);
const isEvent = shape(
  {
    type: isText,
    time: isText,
    ...WHERE,
    ...NAME,
    alive: orNull(isFlag),
    link: isLink,
    changed: listOf(isText),
    from: shape({ ...WHERE, ifindex: orNull(isCount), name: isText }, [
      'nsid',
      'namespace',
      'ifindex',
      'name',
    ]),
    lost: listOf(isText),
  },
  ['type', 'time'],
);
/** Events that are of a namespace, or of a name. */
const OF_NAMES: ReadonlySet<unknown> = new Set(['created', 'mounted', 'unmounted', 'deleted']);
const OF_NAMESPACES: ReadonlySet<unknown> = new Set([...OF_NAMES, 'nsidAssigned', 'found', 'destroyed']);
const OF_LINKS: ReadonlySet<unknown> = new Set(['linkAdded', 'linkChanged', 'linkMoved', 'linkRemoved']);

function isWholeEvent(value: unknown): boolean {
  if (!isEvent(value)) return false;
  const event = value as Fields;
  const { type } = event;
  const isOfLink = OF_LINKS.has(type);
  if (isOfLink !== (event['link'] !== undefined)) return false;
  if (
    (isOfLink || OF_NAMESPACES.has(type)) &&
    (event['nsid'] === undefined || event['namespace'] === undefined)
  )
    return false;
  return !OF_NAMES.has(type) || isName(event);
}

/** A row of a name has a path; one without a name need not. */
const isWholeRow: Check = (value) =>
  isNamespaceRow(value) && ((value as Fields)['name'] === null || isName(value));

/** @throws FleetError `ERR_FLEET_MALFORMED` */
export function checkEvents(events: readonly unknown[]): void {
  if (!isShallow(events) || !events.every(isWholeEvent)) throw malformed('events of nlink watch');
}

/**
 * @param epoch of which it must be
 * @throws FleetError `ERR_FLEET_MALFORMED`
 */
export function checkSnapshot(snapshot: Fields, epoch: string, seq: number): void {
  if (snapshot['epoch'] !== epoch || snapshot['seq'] !== seq)
    throw malformed('a snapshot of the epoch and number that its parts tell');
  if (!isShallow(snapshot)) throw malformed('a snapshot that is not nested deeply');
  if (!isText(snapshot['directory'])) throw malformed('directory: a text');
  if (!listOf(isText)(snapshot['unavailable'])) throw malformed('unavailable: texts');
  const { namespaces, links } = snapshot;
  if (!Array.isArray(namespaces) || !namespaces.every(isWholeRow)) throw malformed('rows of nlink list');
  if (!Array.isArray(links) || !links.every(isLinkRow)) throw malformed('rows of nlink links');
}
