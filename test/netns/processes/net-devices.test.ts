/** /proc/PID/net/dev and dev_mcast, as the kernel writes them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { devicesOf, indexesOf, netDevices } from '../../../src/netns/processes/net-devices.ts';

const DEV = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:     100       2    0    0    0     0          0         0      100       2    0    0    0     0       0          0
  eth0: 4294967296 3 1 2 0 0 0 7 5 6 3 4 0 8 0 0
 tun0.5:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
`;
const MULTICAST = `2    eth0            1     0     333300000001
2    eth0            1     0     01005e000001
17   a-long-name-of15 1     0     333300000001
`;

test('names, counters, and indexes of those that can multicast', () => {
  const devices = devicesOf(DEV, indexesOf(MULTICAST));
  assert.deepEqual(
    devices.map(({ name, ifindex }) => [name, ifindex]),
    [
      ['lo', 1],
      ['eth0', 2],
      ['tun0.5', null],
    ],
  );
  assert.deepEqual(devices[1]?.counters, [4294967296, 3, 1, 2, 0, 0, 0, 7, 5, 6, 3, 4, 0, 8, 0, 0]);
});

test('an index is that of a whole name', () => {
  assert.deepEqual(
    [...indexesOf(MULTICAST)],
    [
      ['eth0', 2],
      ['a-long-name-of15', 17],
    ],
  );
});

test('what is no such file has no devices', () => {
  for (const text of ['', '\n\n', 'a\nb\nc: x', 'Inter\nface\nno colon 1 2'])
    assert.deepEqual(devicesOf(text, new Map()), [], JSON.stringify(text));
  assert.deepEqual([...indexesOf('\nnothing here\n')], []);
});

test('those of this process, and of none', () => {
  const own = netDevices(process.pid, '/proc');
  assert.ok(own?.some(({ name, ifindex }) => name === 'lo' && ifindex === 1));
  assert.equal(netDevices(0x3fffffff, '/proc'), null);
});
