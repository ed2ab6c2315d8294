/** With which status commands end, and when `wait` has what it waits for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { named, row } from '../../../../test/page/support/wire.ts';
import type { Io } from '../../src/cli/host/io.ts';
import { run } from '../../src/cli/run.ts';
import { FleetError, FleetWatcher } from '../../src/index.ts';
import { FleetLab } from '../serve/support/fleet-lab.ts';
import { lab } from '../serve/support/hosts.ts';
import type { MemoryTransport } from '../support/memory-transport.ts';
import { quietIo } from './support/quiet-io.ts';

const TIMED_OUT = 124;

const REPORT = { stream: 'nlink-heads', differences: [] };
const DIFFERS = {
  ...REPORT,
  state: 'differs',
  differences: [{ option: 'storage', wanted: 'a', found: 'b' }],
};

for (const [line, states, status] of [
  ['init', ['made', 'right'], 0],
  ['init --check', ['right', 'right'], 0],
  ['init --check', ['right', 'missing'], 1],
  ['init --check', ['right', 'differs'], 1],
  ['init', ['made', 'differs'], 1],
] as const)
  test(`${line}, and streams are ${states.join(' and ')}: ${status}`, async () => {
    const reports = states.map((state) => (state === 'differs' ? DIFFERS : { ...REPORT, state }));
    const io = quietIo({ streams: async () => reports as never });
    assert.equal(await run(line.split(' '), io), status);
    assert.equal(io.stdout.text.split('\n').length, 3);
  });

for (const [code, status] of [
  ['ERR_FLEET_PERMISSION', 3],
  ['ERR_FLEET_NO_JETSTREAM', 3],
  ['ERR_FLEET_CONNECT', 1],
  ['ERR_FLEET_REFUSED', 1],
] as const)
  test(`${code}: said, and ${status}`, async () => {
    const refused = async (): Promise<never> => {
      throw new FleetError(code, 'why it is so');
    };
    const io = quietIo({ streams: refused });
    assert.equal(await run(['init'], io), status);
    assert.equal(io.stderr.text, 'nlink-fleet: why it is so\n');
  });

/** @returns the status, after all that is known has been looked at, and time is over */
async function waits(transport: MemoryTransport, line: string, prepare = (): void => {}): Promise<number> {
  let end: () => void = () => {};
  let opened: () => void = () => {};
  const isOpen = new Promise<void>((resolve) => (opened = resolve));
  const io: Io = quietIo({
    natsTransport: async () => transport,
    openWatcher: async (options) => {
      const opening = FleetWatcher.open(options);
      transport.giveAll();
      const watcher = await opening;
      prepare();
      opened();
      return watcher;
    },
    onStop: () => () => {},
    after: (_, callback) => {
      end = callback;
      return () => {};
    },
  });
  const ending = run(`wait ${line} --timeout 1s`.split(' '), io);
  await Promise.race([isOpen, ending]);
  // Whatever it makes of what is known follows at once.
  await new Promise((resolve) => setImmediate(resolve));
  end();
  return ending;
}

function fleetOf(): FleetLab {
  const fleet = new FleetLab();
  fleet.add('h1', {}, lab(['blue', 'red']));
  fleet.add('h2', {}, lab(['blue']));
  return fleet;
}

for (const [line, status] of [
  ['h1/red', 0],
  ['h2/red', TIMED_OUT],
  ['h*/red', 0],
  ['h1', 0],
  ['h3', TIMED_OUT],
  ['h2/red --gone', 0],
  ['h1/red --gone', TIMED_OUT],
  ['h*/red --gone', TIMED_OUT],
  ['h*/green --gone', 0],
  // Of a host that is not known nothing is known to be gone.
  ['h3/red --gone', TIMED_OUT],
  ['h3 --gone', 0],
  ['h1 --gone', TIMED_OUT],
] as const)
  test(`wait ${line}: ${status}`, async () => {
    assert.equal(await waits(fleetOf().broker.transport(), line), status);
  });

test('a host that is late may have it, or may not: neither there nor gone', async () => {
  const fleet = fleetOf();
  fleet.add('h3', {}, lab(['red', 'old']), 120_000);
  for (const line of ['h3/old', 'h3', 'h*/old', 'h*/none --gone'])
    assert.equal(await waits(fleet.broker.transport(), line), TIMED_OUT, line);
  assert.equal(await waits(fleet.broker.transport(), 'h3 --gone'), 0);
});

test('a picture that lacks something is no proof', async () => {
  const fleet = fleetOf();
  const transport = fleet.broker.transport({ manual: true });
  const lose = (): void => {
    fleet.lose('h1', 2, lab(['red']));
    transport.give('heads');
  };
  assert.equal(await waits(transport, 'h1/red', lose), TIMED_OUT);
});

test('a name that stands for no namespace is not there', async () => {
  const fleet = new FleetLab();
  const unready = row({ ...named('red'), ready: false, reason: 'empty' });
  const { namespaces, ...rest } = lab(['blue']);
  fleet.add('h1', {}, { ...rest, namespaces: [...namespaces, unready] });
  assert.equal(await waits(fleet.broker.transport(), 'h1/red'), TIMED_OUT);
  assert.equal(await waits(fleet.broker.transport(), 'h1/red --gone'), 0);
});

test('while the connection is lost nothing is known to be so', async () => {
  const fleet = fleetOf();
  for (const line of ['h1/red', 'h1', 'h2/red --gone', 'h3 --gone']) {
    const transport = fleet.broker.transport();
    assert.equal(await waits(transport, line, () => transport.cut()), TIMED_OUT, line);
  }
});
