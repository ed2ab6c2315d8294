/** `nlink links`, `watch --links` and `explain` of a link, on real namespaces and interfaces. */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { ip, spawnHolder } from '../../../support/netns.ts';
import { ordinaryCommand } from '../../../support/ordinary.ts';
import { within } from '../../../support/wait.ts';
import { freshHost } from '../../support/nsid-host.ts';
import { main, outcomeOf, programOf, start, startWatch } from '../../support/program.ts';

interface Row {
  netns: string;
  own: boolean;
  number: number | null;
  name: string;
  ifindex: number;
  kind: string | null;
  masterName: string | null;
  peer: { netns: string; number: number | null; ifindex: number | null; name: string | null } | null;
  peerState: string | null;
}

async function linksOf(t: TestContext, ...words: string[]): Promise<Row[]> {
  const { status, stdout } = await outcomeOf(start(t, 'links', '--json', ...words));
  assert.equal(status, 0);
  return JSON.parse(stdout.join('')) as Row[];
}

/**
 * As containers make it: a bridge here, at its ports a name and a namespace that only a process is
 * in, and in another name a macvlan on the first one's end.
 * @returns that process
 */
async function host(t: TestContext): Promise<number> {
  await freshHost(t, 'blue', 'red');
  const { pid } = await spawnHolder(t);
  t.after(() => {
    for (const name of ['lkbr', 'lkb', 'lkc'])
      try {
        ip('link', 'del', name);
      } catch {
        // The test, or the end of its other end, has deleted it.
      }
  });
  ip('link', 'add', 'lkbr', 'type', 'bridge');
  ip('link', 'add', 'lkb', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', 'blue');
  ip('link', 'add', 'lkc', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid));
  for (const port of ['lkb', 'lkc']) ip('link', 'set', port, 'master', 'lkbr');
  ip('-n', 'blue', 'link', 'add', 'link', 'eth0', 'name', 'mv', 'type', 'macvlan');
  ip('-n', 'blue', 'link', 'set', 'mv', 'netns', 'red');
  return pid;
}

test('each link with its far end, whatever namespace that is in; nothing is left behind', async (t) => {
  await host(t);
  const before = ip('netns', 'list-id');
  const rows = await linksOf(t);
  const found = (netns: string, name: string): Row => {
    const row = rows.find((each) => each.netns === netns && each.name === name);
    assert.ok(row, `${netns}:${name}`);
    return row;
  };
  const here = rows.find(({ own }) => own)?.netns as string;
  const bridge = found(here, 'lkbr');
  assert.deepEqual([bridge.kind, bridge.peer, bridge.peerState], ['bridge', null, null]);
  const [lkb, eth0, mv] = [found(here, 'lkb'), found('blue', 'eth0'), found('red', 'mv')];
  assert.deepEqual(
    [lkb.masterName, lkb.peerState, lkb.peer?.netns, lkb.peer?.name],
    ['lkbr', 'paired', 'blue', 'eth0'],
  );
  assert.deepEqual([eth0.peer?.number, eth0.peer?.ifindex], [lkb.number, lkb.ifindex]);
  assert.deepEqual(
    [mv.kind, mv.peerState, mv.peer?.netns, mv.peer?.name],
    ['macvlan', 'one-sided', 'blue', 'eth0'],
  );
  const lkc = found(here, 'lkc');
  const far = rows.find(({ number, ifindex }) => number === lkc.peer?.number && ifindex === lkc.peer.ifindex);
  assert.deepEqual([far?.name, far?.netns, far?.peer?.name], ['eth0', lkc.peer?.netns, 'lkc']);
  assert.ok(rows.every(({ name }) => name !== 'lo'));
  assert.equal(ip('netns', 'list-id'), before);

  assert.deepEqual(
    (await linksOf(t, 'b*', '--all')).map(({ netns, name }) => `${netns}:${name}`),
    ['blue:lo', 'blue:eth0'],
  );
  const { stdout } = await outcomeOf(start(t, 'links', 'red'));
  assert.equal(stdout.length, 2);
  assert.match(stdout[1] as string, /^red {8}mv {4}macvlan {2}down {3}- {7}blue:eth0$/);
});

test('counters: those of the kernel', async (t) => {
  await host(t);
  const { stdout } = await outcomeOf(start(t, 'links', '--json', '--stats'));
  const rows = JSON.parse(stdout.join('')) as (Row & { statistics: { rxBytes: number } | null })[];
  const lkb = rows.find(({ name }) => name === 'lkb');
  assert.equal(typeof lkb?.statistics?.rxBytes, 'number');
});

test('pictures have each pair once', async (t) => {
  await host(t);
  for (const [format, pair] of [
    ['dot', /\[dir=none/],
    ['mermaid', / === /],
  ] as const) {
    const { stdout, status } = await outcomeOf(start(t, 'links', '--format', format, 'blue', 'red'));
    assert.equal(status, 0);
    assert.equal(stdout.filter((line) => pair.test(line)).length, 1, stdout.join('\n'));
  }
});

test('watch --links: what is there, then each change with where it leads', async (t) => {
  await host(t);
  const watch = startWatch(t, '--links', '--time', 'none', '--exclude-link', '[!elmn]*');
  const until = async (wanted: RegExp): Promise<string> => {
    for (;;) {
      const line = await watch.stdout.next();
      if (wanted.test(line)) return line;
    }
  };
  await until(/^present {4}red {15}mv {2}macvlan {2}down {2}peer blue:eth0$/);
  ip('-n', 'red', 'link', 'set', 'mv', 'mtu', '1400');
  await until(/^changed {4}red {15}mv {2}mtu 1400$/);
  ip('-n', 'red', 'link', 'set', 'mv', 'name', 'new');
  await until(/^changed {4}red {15}new {2}renamed from mv$/);
  ip('-n', 'red', 'link', 'set', 'new', 'netns', 'blue');
  await until(/^moved {6}blue {14}new {2}from red:new {2}macvlan {2}down {2}peer blue:eth0$/);
  ip('link', 'set', 'lkb', 'nomaster');
  await until(/^changed {4}\S.* {2}lkb {2}no master$/);
  ip('link', 'del', 'lkb');
  await until(/^removed {4}blue {14}(?:eth0 {2}veth|new {2}macvlan)$/);
  watch.child.kill('SIGINT');
  assert.equal(await within('the end', watch.ended), 0);
});

test('explain: a link by its name, and whose namespace is behind a device of this one', async (t) => {
  const pid = await host(t);
  ip('-n', 'blue', 'addr', 'add', '10.9.8.7/24', 'dev', 'eth0');
  const blue = await outcomeOf(start(t, 'explain', 'blue:eth0'));
  assert.deepEqual([blue.status, blue.stderr], [0, []]);
  assert.match(blue.stdout[0] as string, /^blue:eth0 {2}veth {2}index \d+ {2}down$/);
  assert.match(blue.stdout[1] as string, /^Its other end is .*:lkb, a port of lkbr there$/);
  assert.ok(blue.stdout.includes('  carries  red:mv'));
  assert.ok(blue.stdout.includes('  addresses  10.9.8.7/24'), blue.stdout.join('\n'));

  const device = await outcomeOf(start(t, 'explain', '--device', 'lkc', '--json'));
  const { link, far } = JSON.parse(device.stdout.join('')) as { link: Row; far: Row & { pids: number[] } };
  assert.deepEqual([link.name, link.own, far.name], ['lkc', true, 'eth0']);
  assert.deepEqual(far.pids, [pid]);

  const wrong = await outcomeOf(start(t, 'explain', 'blue:eth9'));
  assert.deepEqual([wrong.status, wrong.stderr], [1, ['nlink: no link eth9 in blue; did you mean eth0?']]);
});

test('an ordinary user: says what is missing, and ends as refusals do', async (t) => {
  await host(t);
  const [command, ...words] = ordinaryCommand(main, 'links');
  const { stderr, status } = await outcomeOf(
    programOf(t, spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'] })),
  );
  assert.ok(status === 0 || status === 3, stderr.join('\n'));
  assert.match(stderr.join('\n'), /CAP_/);
});
