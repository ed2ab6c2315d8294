/** `nlink set`: assigns an id to a namespace, as `ip netns set` (ip-netns(8)). */
import { INT_MAX } from '../../sys/limits.ts';
import { argumentOf } from '../args/given.ts';
import type { Given, Run } from '../args/given.ts';
import { quoted } from '../../format/escape.ts';
import { print } from '../output/output.ts';
import { referenceOf } from '../args/target.ts';
import { queryNsid } from './shared/target-query.ts';
import { UsageError } from '../output/usage-error.ts';

export const set: Run = async (given, io) => {
  const nsid = wanted(given);
  const text = await queryNsid(given, io, (connection, target) =>
    connection.setNsid(referenceOf(target), nsid),
  );
  return print(text, io);
};

/** @throws UsageError */
function wanted(given: Given): number | 'auto' {
  const text = argumentOf(given, 'nsid');
  if (text === 'auto') return text;
  const nsid = /^\d+$/.test(text) ? Number(text) : NaN;
  if (nsid <= INT_MAX) return nsid;
  throw new UsageError(`NSID must be a whole number from 0 to ${INT_MAX}, or auto, not ${quoted(text)}`);
}
