/** What commands ask of the links of all namespaces, and what they are told. */
import type { UnseenProcesses } from '../../netns/processes/process-scan.ts';
import type { LinksEntry } from '../../format/link-row.ts';

export interface LinksRequest {
  /** Those of names. */
  directories: readonly string[];
  /** Where procfs is mounted. */
  proc: string;
  /** Also devices that tunnel modules put into every namespace, while they are down. */
  fallbackTunnels: boolean;
  /** As `LinkOptions` has it: leaves nsids behind. */
  ownTable: boolean;
  /** Counters are read as well. */
  statistics: boolean;
  /** Addresses are read as well. */
  addresses: boolean;
}

export interface LinksFound {
  /** In the order of the inventory. */
  entries: LinksEntry[];
  /** Why links cannot be seen; null: they can. */
  linksFault: Error | null;
  /** Why namespaces without a name are not found; null: they are. */
  unnamedFault: Error | null;
  /** What a look at all processes did not see; null: nobody looked. */
  unseen: UnseenProcesses | null;
}

/** Reads once. @throws NlinkError, SystemError: no link can be read */
export type ReadLinks = (request: LinksRequest) => Promise<LinksFound>;
