/** What `nlink doctor` says of one thing that it looked at. */
import type { Fault } from '../../host/probe/fault.ts';

/**
 * `ok`; `degraded`: watching works, but not as well as it could; `broken`: something that was asked
 * for cannot work until it is mended.
 */
export type CheckStatus = 'ok' | 'degraded' | 'broken';

export interface Check {
  /** What was looked at; the same text in every version. */
  name: string;
  status: CheckStatus;
  /** What was found, in words. */
  found: string;
  /** What to do about it; null: nothing needs to be done. */
  remedy: string | null;
}

export const ok = (name: string, found: string): Check => ({ name, status: 'ok', found, remedy: null });
export const degraded = (name: string, found: string, remedy: string): Check => ({
  name,
  status: 'degraded',
  found,
  remedy,
});
export const broken = (name: string, found: string, remedy: string): Check => ({
  name,
  status: 'broken',
  found,
  remedy,
});

/** A failed system call, and after it what to do (sys/errno.ts). */
const SYSTEM_ERROR = /^(E[A-Z0-9]+: \S+(?: '[^']*')?): (.+)$/s;

/** What happened, without what to do about it. */
export const saidOf = ({ message }: Fault): string => SYSTEM_ERROR.exec(message)?.[1] ?? message;

/** What the message says to do about it, if it does. */
export const remedyOf = ({ message }: Fault, otherwise: string): string =>
  SYSTEM_ERROR.exec(message)?.[2] ?? otherwise;

/** The worst of them. */
export function worst(checks: readonly Check[]): CheckStatus {
  if (checks.some(({ status }) => status === 'broken')) return 'broken';
  return checks.some(({ status }) => status === 'degraded') ? 'degraded' : 'ok';
}
