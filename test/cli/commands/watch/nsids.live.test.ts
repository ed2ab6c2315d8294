/** `nlink watch --nsids` as a process, on real namespaces. */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { ip } from '../../../support/netns.ts';
import { spawnOrdinary } from '../../../support/ordinary.ts';
import { within } from '../../../support/wait.ts';
import { freshHost } from '../../support/nsid-host.ts';
import { main, programOf, startWatch } from '../../support/program.ts';
import type { Program } from '../../support/program.ts';

/** The next line without its time. */
async function next({ stdout }: Program): Promise<Record<string, unknown>> {
  const { time, ...event } = await stdout.nextJson();
  assert.ok(Math.abs(Date.now() - Date.parse(String(time))) < 60_000, String(time));
  return event;
}

test('ip netns set, and the end of a namespace', async (t) => {
  await freshHost(t, 'blue', 'red');
  const human = startWatch(t, '--nsids');
  const json = startWatch(t, '--nsids', '--json');
  for (const { stderr } of [human, json])
    assert.equal(await stderr.next(), 'nlink: no nsids are assigned yet; waiting for the first');
  ip('netns', 'set', 'blue', '7');
  assert.match(await human.stdout.next(), /^[\d:.]{12}  newNsid    nsid 7$/);
  assert.deepEqual(await next(json), { type: 'newNsid', nsid: 7 });
  ip('netns', 'set', 'red', '0');
  ip('netns', 'del', 'blue');
  assert.deepEqual(
    [await next(json), await next(json)],
    [
      { type: 'newNsid', nsid: 0 },
      { type: 'delNsid', nsid: 7 },
    ],
  );
  assert.match(await human.stdout.next(), /  newNsid    nsid 0$/);
  assert.match(await human.stdout.next(), /  delNsid    nsid 7$/);

  const later = startWatch(t, '--nsids', '--json');
  assert.deepEqual(await next(later), { type: 'present', nsid: 0 });
  ip('netns', 'del', 'red');
  assert.deepEqual(await next(later), { type: 'delNsid', nsid: 0 });
  assert.deepEqual(await next(json), { type: 'delNsid', nsid: 0 });
  assert.match(await human.stdout.next(), /  delNsid    nsid 0$/);
  for (const { child, stdout, stderr, ended } of [human, json, later]) {
    child.kill('SIGINT');
    assert.equal(await within('the end', ended), 0);
    assert.deepEqual([await stdout.rest(), await stderr.rest()], [[], []]);
  }
});

test('--all-namespaces: includes events in a namespace that has an nsid here', async (t) => {
  await freshHost(t, 'blue', 'red');
  ip('netns', 'set', 'blue', '7');
  const all = startWatch(t, '--nsids', '--json', '--all-namespaces');
  assert.deepEqual(await next(all), { type: 'present', nsid: 7 });
  ip('-n', 'blue', 'netns', 'set', 'red', '3');
  assert.deepEqual(await next(all), { type: 'newNsid', nsid: 3, origin: 7 });
  ip('netns', 'del', 'red');
  assert.deepEqual(await next(all), { type: 'delNsid', nsid: 3, origin: 7 });
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`${signal}: emits what happened before it, then ends with 0`, async (t) => {
    const names = Array.from({ length: 10 }, (_, index) => `n${index}`);
    await freshHost(t, ...names);
    const { child, stdout, stderr, ended } = startWatch(t, '--nsids', '--json');
    await stderr.next();
    // Stopped, so that it finds the events and the signal together.
    child.kill('SIGSTOP');
    for (const name of names) ip('netns', 'set', name, 'auto');
    child.kill(signal);
    child.kill('SIGCONT');
    assert.equal(await within('the end', ended), 0);
    assert.equal((await stdout.rest()).length, 10);
  });
}

test('| head -1: the end as soon as head has its line, though nothing more happens', async (t) => {
  await freshHost(t, 'blue');
  ip('netns', 'set', 'blue', '7');
  const line = `"$0" "$@" | head -1; echo "\${PIPESTATUS[0]}"`;
  const words = ['-c', line, process.execPath, main, 'watch', '--nsids', '--json'];
  // A group of its own, so that a failure leaves nothing behind.
  const shell = spawn('bash', words, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  t.after(() => shell.exitCode ?? process.kill(-Number(shell.pid), 'SIGKILL'));
  const [stdout, stderr] = await within('the end', Promise.all([text(shell.stdout), text(shell.stderr)]));
  assert.match(stdout, /^{"type":"present",.*"nsid":7}\n0\n$/);
  assert.equal(stderr, '');
});

test('an ordinary user watches, but not all namespaces', async (t) => {
  await freshHost(t, 'blue');
  const allowed = programOf(t, spawnOrdinary(main, 'watch', '--nsids', '--json'));
  await allowed.stderr.next();
  ip('netns', 'set', 'blue', '7');
  assert.deepEqual(await next(allowed), { type: 'newNsid', nsid: 7 });

  const refused = programOf(t, spawnOrdinary(main, 'watch', '--nsids', '--all-namespaces'));
  assert.match(await refused.stderr.next(), /^nlink: EPERM: setsockopt: .*CAP_NET_BROADCAST/);
  assert.equal(await within('the end', refused.ended), 3);
});
