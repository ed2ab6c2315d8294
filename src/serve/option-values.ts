/** Checks of single options of `serve`. */
import { invalidArgument } from '../errors.ts';

export const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && !value.includes('\0');

/** @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT` */
export function wholeOption(name: string, given: unknown, normal: number, most: number): number {
  if (given === undefined) return normal;
  if (typeof given === 'number' && Number.isInteger(given) && given >= 1 && given <= most) return given;
  throw invalidArgument(name, `a whole number from 1 to ${most}`, given);
}
