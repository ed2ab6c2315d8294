/** An event as the environment of a hook (`--exec`): each field of its JSON as a variable. */

import type { EventRecord } from '../../../format/event-json.ts';

/** The variable of each field. */
const VARIABLES: Readonly<Record<string, string>> = {
  type: 'NLINK_TYPE',
  time: 'NLINK_TIME',
  name: 'NLINK_NAME',
  rawName: 'NLINK_RAW_NAME',
  path: 'NLINK_PATH',
  directory: 'NLINK_DIRECTORY',
  ready: 'NLINK_READY',
  reason: 'NLINK_REASON',
  message: 'NLINK_MESSAGE',
  nsid: 'NLINK_NSID',
  alive: 'NLINK_ALIVE',
  own: 'NLINK_OWN',
  number: 'NLINK_NUMBER',
  pids: 'NLINK_PIDS',
  loOnly: 'NLINK_LO_ONLY',
  netns: 'NLINK_NETNS',
  changed: 'NLINK_CHANGED',
  lost: 'NLINK_LOST',
  complete: 'NLINK_COMPLETE',
  pid: 'NLINK_PID',
  fd: 'NLINK_FD',
  origin: 'NLINK_ORIGIN',
  id: 'NLINK_ID',
  dev: 'NLINK_DEV',
  ino: 'NLINK_INODE',
  since: 'NLINK_SINCE',
};

/** Those of the owner, whose fields are called as others are. */
const OWNER_VARIABLES: Readonly<Record<string, string>> = {
  kind: 'NLINK_OWNER_KIND',
  name: 'NLINK_OWNER_NAME',
  id: 'NLINK_OWNER_ID',
};

/** Those of objects within an event of a link. */
const LINK_VARIABLES: Readonly<Record<'link' | 'peer' | 'from', Readonly<Record<string, string>>>> = {
  link: {
    ifindex: 'NLINK_LINK_IFINDEX',
    name: 'NLINK_LINK_NAME',
    kind: 'NLINK_LINK_KIND',
    state: 'NLINK_LINK_STATE',
    up: 'NLINK_LINK_UP',
    mtu: 'NLINK_LINK_MTU',
    address: 'NLINK_LINK_ADDRESS',
    masterName: 'NLINK_LINK_MASTER',
    peerState: 'NLINK_PEER_STATE',
  },
  peer: { netns: 'NLINK_PEER_NETNS', ifindex: 'NLINK_PEER_IFINDEX', name: 'NLINK_PEER_NAME' },
  from: { netns: 'NLINK_FROM_NETNS', ifindex: 'NLINK_FROM_IFINDEX', name: 'NLINK_FROM_NAME' },
};

/**
 * All variables that a hook may find, for the docs and to be removed where an event has no such
 * field.
 */
export const HOOK_VARIABLES: readonly string[] = [
  VARIABLES,
  OWNER_VARIABLES,
  ...Object.values(LINK_VARIABLES),
].flatMap(Object.values<string>);

/**
 * Null where a variable is not set: the event has no such field, or nobody knows. Of an event with
 * several names the first is `NLINK_NAME`; all are in the JSON.
 */
export function environmentOf(record: EventRecord): Record<string, string | null> {
  const { namespace, names } = record as { namespace?: object | null; names?: readonly object[] };
  const { owner } = record as { owner?: Record<string, unknown> | null };
  const fields: Record<string, unknown> = { ...names?.[0], ...record, ...namespace };
  const { link, from } = record as { link?: Fields | null; from?: Fields | null };
  return {
    ...valuesOf(VARIABLES, fields),
    ...valuesOf(OWNER_VARIABLES, owner ?? {}),
    ...valuesOf(LINK_VARIABLES.link, link ?? {}),
    ...valuesOf(LINK_VARIABLES.peer, (link?.['peer'] ?? {}) as Fields),
    ...valuesOf(LINK_VARIABLES.from, from ?? {}),
  };
}

type Fields = Readonly<Record<string, unknown>>;

const valuesOf = (
  variables: Readonly<Record<string, string>>,
  fields: Readonly<Record<string, unknown>>,
): Record<string, string | null> =>
  Object.fromEntries(Object.entries(variables).map(([field, variable]) => [variable, text(fields[field])]));

function text(value: unknown): string | null {
  if (Array.isArray(value)) return value.join(' ');
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : null;
}
