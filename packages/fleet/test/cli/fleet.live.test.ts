/** A fleet from the command line: a real broker, an agent on real namespaces, and all that reads it. */
import '../../../../test/support/sandbox.ts';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { createNamespace } from '../../../../src/index.ts';
import { ask } from '../../../../test/serve/support/served.ts';
import { addNamespace, freshRun, ip } from '../../../../test/support/netns.ts';
import { outcomeOf } from '../../../../test/cli/support/program.ts';
import { waitFor, within } from '../../../../test/support/wait.ts';
import { startNatsServer, withServer } from '../support/nats-server.ts';
import { outcome, start } from './support/program.ts';

type Fields = Record<string, unknown>;
const objects = (text: string): Fields[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Fields);
/** A byte that is no UTF-8, and an escape sequence. */
const HOSTILE = 'b\u001b[31m\udce9';

test('from nothing to what is there, and what happens', withServer, async (t) => {
  freshRun(t);
  ip('netns', 'add', 'blue');
  addNamespace(`/run/netns/${HOSTILE}`);
  const { url } = await startNatsServer({ t });
  const fleet = (...words: string[]): ReturnType<typeof outcome> => outcome(...words, '--server', url);

  const [checked, , missing] = fleet('init', '--check', '--quiet');
  assert.equal(missing, 1);
  assert.match(checked, /^nlink-heads +missing$/m);
  const [, notRead, unmade] = fleet('list');
  assert.match(notRead, /nlink-fleet init/);
  assert.equal(unmade, 1);
  const [made, , status] = fleet('init', '--json');
  assert.equal(status, 0);
  assert.deepEqual(
    objects(made).map(({ stream, state }) => `${String(stream)} ${String(state)}`),
    ['nlink-heads made', 'nlink-snapshots made', 'nlink-deltas-0 made'],
  );
  assert.deepEqual(fleet('init', '--quiet').slice(1), ['', 0]);

  assert.deepEqual(fleet('list').slice(1), ['nlink-fleet: no hosts\n', 0]);
  const agent = start(t, 'agent', '--server', url, '--key', 'k1', '--name', 'node-1');
  assert.match(await agent.stderr.next(), /^nlink-fleet: connected to .*, as k1$/);
  assert.deepEqual(fleet('wait', 'node-1/blue', '--timeout', '60s'), ['', '', 0]);

  const [table, , listed] = fleet('list');
  assert.equal(listed, 0);
  assert.match(table, /^HOST +STATE +NAME +NSID +NETNS +LINKS$/m);
  assert.match(table, /^node-1 +live +\(host\) /m);
  assert.match(table, /^node-1 +live +blue +- +net:\[\d+\] +1$/m);
  assert.ok(table.includes(String.raw`"b\x1b[31m\xe9"`), table);
  const rows = objects(fleet('list', '--json', 'node*')[0]);
  assert.ok(
    rows.some(
      ({ name, host, hostId, hostState }) =>
        name === 'blue' && host === 'node-1' && hostId === 'k1' && hostState === 'live',
    ),
  );
  assert.deepEqual(fleet('list', 'other').slice(1), ['nlink-fleet: no such host\n', 0]);
  const [heads] = objects(fleet('list', '--heads', '--json')[0]);
  assert.deepEqual([heads?.['name'], heads?.['state'], heads?.['id']], ['node-1', 'live', 'k1']);
  assert.match(fleet('metrics', '--host-metrics')[0], /^nlink_fleet_host_live\{host="node-1",id="k1"\} 1$/m);

  const watch = start(t, 'watch', '--server', url, '--json', '--no-links');
  assert.match(await watch.stderr.next(), /^nlink-fleet: 1 hosts, 1 of them live; watching$/);
  const lines = start(t, 'watch', '--server', url, 'node-1');
  await lines.stderr.next();
  const gone = start(t, 'wait', 'node-1/blue', '--gone', '--server', url);
  const forever = start(t, 'wait', 'node-1/nothing', '--server', url);
  ip('netns', 'add', 'red');
  // Other namespaces of this machine, found by their processes, come and go as well.
  let created = await watch.stdout.nextJson();
  while (created['name'] !== 'red') created = await watch.stdout.nextJson();
  assert.deepEqual(
    [created['type'], created['host'], created['hostId'], created['name']],
    ['created', 'node-1', 'k1', 'red'],
  );
  const ofRed = async (): Promise<string> => {
    const line = await lines.stdout.next();
    return line.includes(' red ') ? line : ofRed();
  };
  assert.match(await ofRed(), /^\d\d:\d\d:\d\d\.\d{3} {2}node-1 +created +red +net:\[\d+\]/);
  assert.match(await ofRed(), /link +red +lo +added/);
  ip('netns', 'del', 'blue');
  assert.deepEqual(await outcomeOf(gone), { status: 0, stdout: [], stderr: [] });
  const [, said, timeout] = fleet('wait', 'node-1/blue', '--timeout', '100ms');
  assert.deepEqual([said, timeout], ['nlink-fleet: timed out: node-1/blue is not there\n', 124]);
  forever.child.kill('SIGTERM');
  assert.equal(await within('its end', forever.ended), 143);

  const server = start(t, 'serve', '--server', url, '--listen', '127.0.0.1:0');
  const [, port] = /^listening on http:\/\/127\.0\.0\.1:(\d+)$/.exec(await server.stdout.next()) ?? [];
  const hosts = JSON.parse((await ask({ port: Number(port), path: '/v1/hosts' })).text) as Fields[];
  assert.deepEqual(
    hosts.map(({ id }) => id),
    ['k1'],
  );

  agent.child.kill('SIGTERM');
  assert.deepEqual(await outcomeOf(agent), { status: 0, stdout: [], stderr: [] });
  await waitFor('its goodbye', () => objects(fleet('list', '--heads', '--json')[0])[0]?.['state'] === 'gone');
  for (const program of [watch, lines, server]) {
    program.child.kill('SIGINT');
    assert.equal(await within('its end', program.ended), 0);
  }
});

test('an agent ends on a signal though its server stands still, or never answered', withServer, async (t) => {
  freshRun(t);
  const server = await startNatsServer({ t });
  outcome('init', '--quiet', '--server', server.url);
  const agent = start(t, 'agent', '--server', server.url, '--key', 'k1');
  assert.match(await agent.stderr.next(), /connected/);
  await server.pause();
  t.after(() => server.resume());
  const other = start(t, 'agent', '--server', server.url, '--key', 'k2');
  assert.match(await other.stderr.next(), /no NATS server was reached \(timeout\)/);
  for (const program of [agent, other]) {
    program.child.kill('SIGTERM');
    assert.equal(await within('its end', program.ended), 0);
  }
});

test('| head -1: the end of the reader is the end', withServer, async (t) => {
  freshRun(t);
  const { url } = await startNatsServer({ t });
  outcome('init', '--quiet', '--server', url);
  const agent = start(t, 'agent', '--server', url, '--key', 'k1');
  await agent.stderr.next();
  const watch = start(t, 'watch', '--server', url);
  await watch.stderr.next();
  watch.child.stdout.destroy();
  assert.equal(await within('its end', watch.ended), 0);
});

test('without a broker: a list of hosts', async (t) => {
  freshRun(t);
  await createNamespace('blue');
  const { startProgram, main } = await import('../../../../test/cli/support/program.ts');
  const server = startProgram(t, main, 'serve', '--listen', 'unix:/run/nlink.sock');
  await server.stdout.next();
  writeFileSync('/run/hosts', '# lab\nnode-1 unix:/run/nlink.sock\nnode-2 http://127.0.0.1:1\n');
  const [text, said, status] = outcome('list', '--hosts', '/run/hosts');
  assert.equal(status, 0);
  assert.match(text, /^node-1 +live +blue /m);
  assert.match(text, /^node-2 +late \d+\w +- /m);
  assert.match(said, /^nlink-fleet: node-2 \(http:\/\/127\.0\.0\.1:1\): .*ECONNREFUSED/m);
  assert.match(said, /^nlink-fleet: 1 of 2 hosts is late: it may be old$/m);
  assert.equal(outcome('wait', 'node-1/blue', '--quiet', '--hosts', '/run/hosts')[2], 0);
  const [, , other] = outcome('wait', 'node-2', '--timeout', '100ms', '--quiet', '--hosts', '/run/hosts');
  assert.equal(other, 124);
});

test('a list of hosts that has changed is read anew on SIGHUP, one with a fault is not', async (t) => {
  freshRun(t);
  const { startProgram, main } = await import('../../../../test/cli/support/program.ts');
  const host = startProgram(t, main, 'serve', '--listen', 'unix:/run/nlink.sock');
  await host.stdout.next();
  writeFileSync('/run/hosts', 'node-1 unix:/run/nlink.sock\n');
  const server = start(t, 'serve', '--hosts', '/run/hosts', '--listen', '127.0.0.1:0');
  const [, port] = /:(\d+)$/.exec(await server.stdout.next()) ?? [];
  const states = async (): Promise<string> => {
    const hosts = JSON.parse((await ask({ port: Number(port), path: '/v1/hosts' })).text) as Fields[];
    return hosts.map(({ name, state }) => `${String(name)} ${String(state)}`).join();
  };
  assert.equal(await states(), 'node-1 live');
  writeFileSync('/run/hosts', 'node-1\n');
  server.child.kill('SIGHUP');
  assert.match(await server.stderr.next(), /the list of hosts is as it was: \/run\/hosts:1 must be NAME URL/);
  writeFileSync('/run/hosts', 'node-1 unix:/run/nlink.sock\nnode-2 http://127.0.0.1:1\n');
  server.child.kill('SIGHUP');
  assert.match(await server.stderr.next(), /the list of hosts was read anew/);
  await waitFor('the other one', async () => (await states()).includes('node-2 late'));
  server.child.kill('SIGTERM');
  assert.equal(await within('its end', server.ended), 0);
});

test('SIGHUP before all hosts have answered: goes on, and reads the list then', async (t) => {
  freshRun(t);
  const { startProgram, main } = await import('../../../../test/cli/support/program.ts');
  const host = startProgram(t, main, 'serve', '--listen', 'unix:/run/nlink.sock');
  await host.stdout.next();
  const silent = createServer();
  silent.listen('/run/silent.sock');
  t.after(() => silent.close());
  writeFileSync('/run/hosts', 'node-1 unix:/run/nlink.sock\nnode-2 unix:/run/silent.sock\n');
  const connection = within('a connection', once(silent, 'connection'));
  const server = start(t, 'serve', '--hosts', '/run/hosts', '--listen', '127.0.0.1:0');
  const [socket] = (await connection) as [Socket];
  writeFileSync('/run/hosts', 'node-1 unix:/run/nlink.sock\n');
  server.child.kill('SIGHUP');
  socket.destroy();
  const [, port] = /:(\d+)$/.exec(await server.stdout.next()) ?? [];
  await waitFor('the list that was read', async () => {
    const hosts = JSON.parse((await ask({ port: Number(port), path: '/v1/hosts' })).text) as Fields[];
    return hosts.every(({ name, state }) => state === (name === 'node-1' ? 'live' : 'gone'));
  });
  server.child.kill('SIGTERM');
  assert.equal(await within('its end', server.ended), 0);
});

test('a token that is wrong, and one that is right', withServer, async (t) => {
  freshRun(t);
  const { url } = await startNatsServer({ t, config: 'authorization { token: "0123456789" }' });
  writeFileSync('/run/token', '0123456789\n');
  writeFileSync('/run/other', '9876543210\n');
  const [, said, status] = outcome('init', '--server', url, '--nats-token-file', '/run/other');
  assert.match(said, /not let in/);
  assert.equal(status, 3);
  assert.equal(outcome('init', '--server', url, '--nats-token-file', '/run/token')[2], 0);
  const [, refused, refusal] = outcome('agent', '--key', 'k', '--server', url);
  assert.match(refused, /not let in/);
  assert.equal(refusal, 3);
});

test('the key of this host is made of its machine id', () => {
  const [key, , status] = outcome('agent', '--print-key');
  const id = existsSync('/etc/machine-id') ? readFileSync('/etc/machine-id', 'latin1').trim() : '';
  if (!/^[0-9a-f]{32}$/.test(id)) return assert.equal(status, 1);
  assert.match(key, /^[0-9a-f]{32}\n$/);
  assert.ok(!key.startsWith(id.slice(0, 8)));
});
