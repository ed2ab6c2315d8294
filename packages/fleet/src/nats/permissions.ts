/**
 * Who may do what: agents publish what is theirs, and nothing else; readers read, mark and ask; an
 * admin makes the streams.
 *
 * Permissions alone do not part agents. The server looks at the subject of a message, not at the
 * one that it is answered on: an agent that publishes its own delta, to be answered on
 * `nlink.head.OTHER`, has the acknowledgement kept as the head of that host, in place of the true
 * one (nats-server 2.9.10). So agents have an account of their own, which has no streams, and
 * imports the subjects of the one that has: what answers them stays in theirs.
 *
 * Readers are in the account of the streams, and have to be trusted that far: what answers one of
 * theirs can be led into a stream in the same way. They cannot say what it is: it is malformed.
 */
import { invalidArgument } from '../core.ts';
import { ALL, isKey } from '../wire/key.ts';
import {
  askSubject,
  deltasLane,
  deltaSubject,
  HEADS,
  headSubject,
  inboxPrefix,
  isShard,
  markSubject,
  SNAPSHOTS,
  snapshotSubject,
  streamOf,
} from '../wire/subjects.ts';
import { checkShards } from './stream-options.ts';

/** Subjects; all others are denied. */
export interface Permissions {
  publish: string[];
  subscribe: string[];
}

/** Readers have this prefix in common: each hears by subjects that nobody can guess. */
export const READER_INBOX = '_INBOX_nlink_reader';
const ADMIN_INBOX = '_INBOX.>';

/** @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT` */
export function agentPermissions(key: string, shard: string): Permissions {
  if (!isKey(key)) throw invalidArgument('key', 'at most 200 letters, digits, - and _', key);
  if (!isShard(shard)) throw invalidArgument('shard', '1-32 letters a-z and digits', shard);
  return {
    publish: [headSubject(key), deltaSubject(shard, key), snapshotSubject(key, '*')],
    subscribe: [`${inboxPrefix(key)}.>`, askSubject(key), askSubject(ALL)],
  };
}

const readSubjects = (stream: string): string[] => [
  `$JS.API.STREAM.INFO.${stream}`,
  `$JS.API.CONSUMER.CREATE.${stream}.>`,
  `$JS.API.CONSUMER.INFO.${stream}.>`,
  `$JS.API.CONSUMER.DELETE.${stream}.>`,
  `$JS.API.CONSUMER.MSG.NEXT.${stream}.>`,
];

const makeSubjects = (stream: string): string[] =>
  ['INFO', 'CREATE', 'PURGE'].map((verb) => `$JS.API.STREAM.${verb}.${stream}`);

/** @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT` */
export function readerPermissions(shards: readonly string[]): Permissions {
  return {
    publish: [
      '$JS.API.INFO',
      '$JS.API.STREAM.NAMES',
      ...streamsOf(shards).flatMap(readSubjects),
      '$JS.FC.>',
      markSubject('*', '*'),
      askSubject('*'),
    ],
    subscribe: [`${READER_INBOX}.>`],
  };
}

/** @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT` */
export function adminPermissions(shards: readonly string[]): Permissions {
  return { publish: ['$JS.API.INFO', ...streamsOf(shards).flatMap(makeSubjects)], subscribe: [ADMIN_INBOX] };
}

function streamsOf(shards: readonly string[]): string[] {
  checkShards(shards);
  return [HEADS, SNAPSHOTS, ...shards.map(deltasLane)].map(streamOf);
}
