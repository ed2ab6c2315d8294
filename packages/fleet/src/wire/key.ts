/**
 * What a host is told by: 32 hexadecimal digits made of its machine id, which is secret enough not
 * to be told itself (machine-id(5): "should be considered confidential"). Names of hosts are data,
 * never part of a subject: a key is one token of it, without a dot, a star or a space.
 */
import { createHash } from 'node:crypto';

/** What machine-id(5) asks applications to do: a hash keyed by what it is for. */
const PURPOSE = 'nlink-fleet host key 1';
/** Also keys that somebody gives, as the name of a lab's host: base64url at most 200 long. */
const KEY = /^[A-Za-z0-9_-]{1,200}$/;
/** What `nlink.ask.` is followed by where it is meant for all. */
export const ALL = 'all';

/** @param machineId 32 hexadecimal digits, as in `/etc/machine-id` */
export const hostKey = (machineId: string): string =>
  createHash('sha256').update(`${PURPOSE}\0${machineId.trim()}`).digest('hex').slice(0, 32);

export const isKey = (text: string): boolean => KEY.test(text) && text !== ALL;
