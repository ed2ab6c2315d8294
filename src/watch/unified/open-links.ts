/** Opens the source of links in the way that one has the right to: link-source.ts has the table. */
import type { Inventory } from './inventory.ts';
import type { KernelSources } from './kernel-sources.ts';
import { LinkSource } from './link-source.ts';
import type { LinkSettings } from '../links/link-options.ts';
import { OwnLinks } from './own-links.ts';
import { ProcLinks } from './proc-links.ts';
import { ScratchLinks } from './scratch-links.ts';
import type { UnifiedIo, UnifiedSettings } from './unified-options.ts';

interface Parts {
  inventory: Inventory;
  kernel: KernelSources;
}

/**
 * In the scratch table, when namespaces are numbered there.
 * @returns null: one may not look by it
 * @throws SystemError, NlinkError
 */
export async function openScratchLinks(
  { clock }: UnifiedIo,
  { links }: UnifiedSettings,
  { inventory, kernel }: Parts,
): Promise<LinkSource | null> {
  const { deaths } = kernel;
  const sockets = deaths?.linkSockets ?? null;
  if (deaths === null || sockets === null) return null;
  const table = new ScratchLinks(inventory, kernel, deaths, sockets);
  const source = await LinkSource.open({ inventory, table, processes: null, clock }, links as LinkSettings);
  if (!source.isRefused) return source;
  source.close();
  return null;
}

/**
 * In the observer's own table, when the nsids in it are known.
 * @throws SystemError, NlinkError, also why there is no scratch table
 */
export async function openOwnLinks(
  { system, clock }: UnifiedIo,
  { links, proc }: UnifiedSettings,
  { inventory, kernel }: Parts,
): Promise<LinkSource> {
  const { ownTable, showsName } = links as LinkSettings;
  const { deathsError } = kernel;
  // Who has the right to the other way and cannot take it now would leave something behind.
  const isForbidden = deathsError === null || deathsError.code === 'ERR_NLINK_NO_USER_NAMESPACE';
  if (!isForbidden && !ownTable) throw deathsError;
  const table = new OwnLinks(inventory, system, ownTable);
  const processes = new ProcLinks(inventory, proc, clock, {
    isVisible: showsName,
    isElsewhere: (record) => ownTable && table.nsidOf(record) !== null,
  });
  return LinkSource.open({ inventory, table, processes, clock }, links as LinkSettings);
}
