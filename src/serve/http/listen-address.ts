/**
 * Where a server listens: `ADDRESS:PORT`, or `unix:PATH`. An address is written as such: a host
 * name might lead elsewhere tomorrow. Only `localhost` is taken, for 127.0.0.1 (RFC 6761, 6.3).
 */
import { isIP, isIPv6 } from 'node:net';
import { invalidArgument, NlinkError } from '../../errors.ts';

export type ListenAddress = { path: string } | { host: string; port: number };

export const DEFAULT_LISTEN = '127.0.0.1:9478';

/** As much as `sun_path` holds, with its NUL (unix(7)). */
const LONGEST_PATH = 107;

/** @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT` */
export function listenAddressOf(text: unknown): ListenAddress {
  if (typeof text === 'string') {
    const address = text.startsWith('unix:') ? pathOf(text.slice('unix:'.length)) : tcpOf(text);
    if (address !== null) return address;
  }
  throw invalidArgument('listen', "'ADDRESS:PORT', '[ADDRESS]:PORT' or 'unix:PATH'", text);
}

function pathOf(path: string): ListenAddress | null {
  return path !== '' && !path.includes('\0') && Buffer.byteLength(path) <= LONGEST_PATH ? { path } : null;
}

function tcpOf(text: string): ListenAddress | null {
  const [, inBrackets, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = inBrackets ?? (plain === 'localhost' ? '127.0.0.1' : plain);
  const port = Number(digits);
  if (host === undefined || port > 65_535) return null;
  if (isIP(host) === 0 || isIPv6(host) !== (inBrackets !== undefined)) return null;
  return { host, port };
}

/** Whether only this machine can reach it: 127.0.0.0/8 (RFC 6890) and ::1. */
export const isLoopback = (host: string): boolean => /^127\.\d+\.\d+\.\d+$/.test(host) || host === '::1';

/**
 * Refuses what everybody could read.
 * @throws NlinkError `ERR_NLINK_TOKEN_REQUIRED`
 */
export function requireTokenFor(address: ListenAddress, token: string | null): void {
  if (token !== null || 'path' in address || isLoopback(address.host)) return;
  throw new NlinkError(
    'ERR_NLINK_TOKEN_REQUIRED',
    `${address.host} can be reached from other machines: give a token, or listen on a loopback address or a Unix socket`,
  );
}

/** As a URL, or as it was given. @param port the one that the kernel chose */
export function addressText(address: ListenAddress, port: number): string {
  if ('path' in address) return `unix:${address.path}`;
  return `http://${isIPv6(address.host) ? `[${address.host}]` : address.host}:${port}`;
}
