/** What `nlink list` wants to know, what it finds, and what is between: names and ids. */
import type { NamespaceId } from '../../../netns/identity/identity.ts';
import type { UnseenProcesses } from '../../../netns/processes/process-scan.ts';
import type { Matcher } from '../../../reference/glob.ts';
import type { Io, NsidConnection } from '../../host/io.ts';
import type { NsidTable } from '../shared/nsid-table.ts';
import type { Entry, Ids } from './named-ids.ts';
import type { ListRow } from './row.ts';

export interface ListWanted {
  directories: readonly string[];
  /** Which names are wanted, and nothing without a name; null: all. */
  matches: Matcher | null;
  /** Whether to count processes. */
  processes: boolean;
  /** Also namespaces with neither a name nor an id. */
  all: boolean;
  /** Where processes are looked for. */
  proc: string;
}

/** What is known before anybody looks for processes. */
export interface Named {
  entries: readonly Entry[];
  ids: Ids;
  /** The namespace of this process. */
  own: NamespaceId | null;
  /** Null: no nsid can be asked for. */
  connection: NsidConnection | null;
  wanted: ListWanted;
  io: Io;
}

/** With the namespaces that have no name. */
export interface FoundRows {
  /** Names as they are listed, directory by directory; then what has none, by its nsid. */
  rows: ListRow[];
  /** Counts the processes that could not be inspected; null: none were counted. */
  unseen: (() => UnseenProcesses) | null;
  /** Why some of those without a name may have one; empty where none may. */
  whyMayBeNamed: string;
}

export interface Listed extends FoundRows {
  /** What is missing of the nsids; an error: none could be queried, and why. */
  ids: Pick<NsidTable, 'incomplete' | 'failed'> | Error;
}
