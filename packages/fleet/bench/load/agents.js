/**
 * Many agents in one process: a snapshot of each host at once, then heads and deltas at a steady
 * rate, each acknowledged. Usage: agents.js URL HOSTS NAMESPACES SECONDS DELTAS: so many batches a
 * second over all hosts, each of two events. Prints what it did as JSON, with the truth of each host.
 */
import { encodeDelta } from '../../../../build/packages/fleet/src/wire/delta.js';
import { encodeHead } from '../../../../build/packages/fleet/src/wire/head.js';
import { hostKey } from '../../../../build/packages/fleet/src/wire/key.js';
import { encodeSnapshot } from '../../../../build/packages/fleet/src/wire/snapshot.js';
import * as subjects from '../../../../build/packages/fleet/src/wire/subjects.js';
import { connectNats } from '../../../../build/packages/fleet/src/nats/connect.js';
import { publish } from '../../../../build/packages/fleet/src/nats/publish.js';
import { replaced, nameOf, snapshotOf } from './rows.js';

const INTERVAL = 15_000;
const TIMEOUT = 20_000;
const WINDOW = 200;
const SHARD = '0';

const [url, ...counts] = process.argv.slice(2);
const [hosts, namespaces, seconds, rate] = counts.map(Number);
const connection = await connectNats({ servers: url }, { name: 'load', inbox: '_INBOX_load' });
const fleet = Array.from({ length: hosts }, (_, host) => ({
  host,
  key: hostKey(`load-${host}`),
  epoch: host.toString(16).padStart(16, '0'),
  seq: 0,
  versions: Array.from({ length: namespaces }, () => 0),
}));
const done = { heads: 0, deltas: 0, snapshots: 0, notKept: 0 };

/** So many messages are on their way, at most. */
class Window {
  #pending = 0;
  #onEnd = () => {};

  async room(most) {
    while (this.#pending > most) await new Promise((resolve) => (this.#onEnd = resolve));
  }

  async carry(message) {
    this.#pending++;
    await message;
    this.#pending--;
    this.#onEnd();
  }
}
const window = new Window();

async function send(subject, payload, kind) {
  await window.room(WINDOW);
  void window.carry(published(subject, payload, kind));
}

async function published(subject, payload, kind) {
  const { kind: outcome } = await publish(connection, subject, payload, TIMEOUT);
  if (outcome === 'kept') done[kind]++;
  else done.notKept++;
}

function head({ host, epoch, seq }) {
  return encodeHead({
    epoch,
    seq,
    interval: INTERVAL,
    time: new Date().toISOString(),
    name: `node-${host}.example.org`,
    shard: SHARD,
    counts: { namespaces, names: namespaces, links: null },
    versions: { nlink: '0.1.0', node: process.versions.node, kernel: '6.18.44' },
    target: null,
    unavailable: ['links'],
    bye: false,
  });
}

async function change(agent, at) {
  const { host, key, epoch, seq, versions } = agent;
  const events = replaced(host, at, versions[at]++);
  agent.seq += events.length;
  await send(subjects.deltaSubject(SHARD, key), encodeDelta(epoch, seq + 1, events), 'deltas');
}

const drain = () => window.room(0);

const began = performance.now();
for (const agent of fleet) {
  const parts = encodeSnapshot(agent.epoch, 0, snapshotOf(agent.epoch, 0, agent.host, agent.versions), null);
  for (const [part, bytes] of parts.entries())
    await send(subjects.snapshotSubject(agent.key, part), bytes, 'snapshots');
  await send(subjects.headSubject(agent.key), head(agent), 'heads');
}
await drain();
const filled = performance.now();
process.send?.('filled');
await new Promise((resolve) => process.once('message', resolve));
const cpu = process.cpuUsage();
const started = performance.now();
const [sent, due] = [
  { heads: 0, deltas: 0 },
  { heads: (hosts / INTERVAL) * 1000, deltas: rate },
];
for (let now = started; now < started + seconds * 1000; now = performance.now()) {
  const passed = (now - started) / 1000;
  for (; sent.heads < passed * due.heads; sent.heads++) {
    const agent = fleet[sent.heads % hosts];
    await send(subjects.headSubject(agent.key), head(agent), 'heads');
  }
  for (; sent.deltas < passed * due.deltas; sent.deltas++)
    await change(fleet[(sent.deltas * 7919) % hosts], sent.deltas % namespaces);
  await new Promise((resolve) => setTimeout(resolve, 5));
}
await drain();
const took = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage(cpu);
// The last of all, so that a reader knows of all that was sent.
for (const agent of fleet) await send(subjects.headSubject(agent.key), head(agent), 'heads');
await drain();
const truth = fleet.map(({ host, key, seq, versions }) => ({
  key,
  seq,
  names: versions.map((version, at) => nameOf(host, at, version)),
}));
const told = {
  ...done,
  sent,
  fillSeconds: (filled - began) / 1000,
  seconds: took,
  cpuSeconds: (user + system) / 1e6,
  truth,
};
await new Promise((resolve) => process.send(told, resolve));
await connection.close();
process.disconnect?.();
