/** Checks of single options of `serve`. */
import { invalidArgument } from '../errors.ts';
import { hostName } from './http/gate.ts';

export const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && !value.includes('\0');

/** @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT` */
export function wholeOption(name: string, given: unknown, normal: number, most: number): number {
  if (given === undefined) return normal;
  if (typeof given === 'number' && Number.isInteger(given) && given >= 1 && given <= most) return given;
  throw invalidArgument(name, `a whole number from 1 to ${most}`, given);
}

/** @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT` */
export function texts(name: string, given: unknown): readonly string[] {
  if (given === undefined) return [];
  if (Array.isArray(given) && given.every(isText)) return given;
  throw invalidArgument(name, 'an array of texts', given);
}

/** @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT` */
export const allowedHostsOption = (given: unknown): ReadonlySet<string> =>
  new Set(texts('allowedHosts', given).map(allowedHost));

function allowedHost(text: string): string {
  const name = hostName(text);
  if (name !== null) return name;
  throw invalidArgument('allowedHosts', 'names of hosts, such as nlink.example.org', text);
}
