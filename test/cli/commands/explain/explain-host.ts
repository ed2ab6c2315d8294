/** A host that `nlink explain` is asked about, and what is on it. */
import { run } from '../../../../src/cli/run.ts';
import type { HoldingMount } from '../../../../src/netns/holders/holders-found.ts';
import { listing } from '../../support/fake-connection.ts';
import { FakeIo } from '../../support/fake-io.ts';
import { identity, listed } from '../../support/lines.ts';

export const DIRECTORY = '/run/netns';
export const blue: string = `${DIRECTORY}/blue`;

/** `blue`, which has the id 5, a second name and a process. */
export function host(): FakeIo {
  const io = new FakeIo();
  io.namespaces = [
    { ...listed('blue'), ready: true, namespace: identity },
    { ...listed('my net'), ready: true, namespace: { ...identity, since: 5n } },
    { ...listed('red'), ready: true, namespace: { ...identity, id: 7n } },
    { ...listed('stale'), ready: false, namespace: null, reason: 'not-a-namespace' },
  ];
  io.connection.nsids = { [blue]: 5, '/proc/4711/ns/net': 5 };
  io.connection.list = listing(5);
  io.host.paths.set(blue, identity).set('/proc/4711/ns/net', identity);
  return io;
}

export const explain = (io: FakeIo, ...words: string[]): Promise<number> =>
  run(['explain', '-d', DIRECTORY, ...words], io);

/** Whose some of the processes are. */
export const nginx = { kind: 'service', name: 'nginx.service', id: null } as const;

/** A mount of `blue`, whose file is the same in every mount namespace. */
export const mountOf = (id: number, more: Partial<HoldingMount> = {}): HoldingMount => ({
  id,
  mountNamespace: 4026531832n,
  mountPoint: blue,
  file: { device: '0:25', path: '/netns/blue' },
  pid: 1,
  comm: 'systemd',
  owner: null,
  ...more,
});
