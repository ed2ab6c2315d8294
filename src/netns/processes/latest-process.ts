/**
 * Whether a process or thread has been started since one looked last, without listing any: the
 * number given last is the fifth in /proc/loadavg (proc_loadavg(5)), which every user may read. It
 * tells when a scan (process-namespaces.ts) is worth its time. A hint and no more: who was there
 * may move, and the numbers come round.
 */
import { readSmall } from './proc.ts';
import type { Procfs } from './procfs.ts';

/**
 * The number given last in the caller's PID namespace; null: unknown. It is always of the caller's
 * own (`loadavg_proc_show` in fs/proc/loadavg.c), so that it says nothing of another procfs; a
 * container may have a file of LXCFS there, which is some seconds old.
 */
export function latestProcess({ path, own }: Procfs): number | null {
  if (!own) return null;
  const last = /^(?:\S+ ){4}(\d+)\s*$/.exec(readSmall(`${path}/loadavg`)?.toString('latin1') ?? '')?.[1];
  return last === undefined ? null : Number(last);
}
