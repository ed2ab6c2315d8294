/** A head as an agent makes it, in which a test says only what matters to it. */
import type { Head } from '../../src/wire/head.ts';

export const headOf = (epoch: string, rest: Partial<Head> = {}): Head => ({
  epoch,
  seq: 0,
  interval: 15_000,
  time: '2026-11-30T12:00:00.000Z',
  name: 'one',
  shard: '0',
  counts: { namespaces: 0, names: 0, links: 0 },
  versions: { nlink: '0', node: '0', kernel: '0' },
  target: null,
  unavailable: [],
  bye: false,
  ...rest,
});
