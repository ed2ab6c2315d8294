/**
 * Deaths for those who may not make a network namespace: by a child in a user namespace of its own.
 * Names are root's; nothing is left behind, whatever happens; and where user namespaces are
 * forbidden it is said by what.
 */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { addNamespace, deleteNamespace, netnsDirectory } from '../../support/netns.ts';
import { forbidding, spawnOrdinary } from '../../support/ordinary.ts';
import { runs } from '../../support/runs.ts';
import { waitFor } from '../../support/wait.ts';
import { follow, watchDeathsProgram, watchUnifiedProgram } from '../../support/watching.ts';
import type { Line } from '../../support/watching.ts';
import { holders } from '../support/holders.ts';

const brief = ({ type, name, alive, names }: Line): string =>
  [type, name ?? names?.map((one) => one.name).join(), alive].filter((word) => word !== undefined).join(' ');

/** Watches as an ordinary user. @returns the next line, in brief */
async function watchAsOrdinary(t: TestContext, directory: string): Promise<() => Promise<string>> {
  const options = JSON.stringify({ directory, deaths: 'require' });
  const next = follow(t, spawnOrdinary(watchDeathsProgram, options));
  assert.deepEqual(await next(), { type: 'open', ready: true });
  return async () => brief(await next());
}

for (const [what, hold] of Object.entries(holders))
  test(`an ordinary user: ${what} holds it`, async (t) => {
    const directory = netnsDirectory();
    const [before, later] = [`${directory}/before`, `${directory}/later`];
    addNamespace(before);
    const next = await watchAsOrdinary(t, directory);
    addNamespace(later);
    assert.equal(await next(), 'created later');
    for (const path of [before, later]) {
      const name = path.slice(directory.length + 1);
      const release = await hold(t, path);
      deleteNamespace(path);
      assert.equal(await next(), `deleted ${name} true`);
      await release();
      assert.equal(await next(), `destroyed ${name}`);
    }
  });

test('an ordinary user: made and deleted, again and again', async (t) => {
  const directory = netnsDirectory();
  const next = await watchAsOrdinary(t, directory);
  for (let round = 0; round < runs(100); round++) {
    addNamespace(`${directory}/a`);
    assert.equal(await next(), 'created a');
    deleteNamespace(`${directory}/a`);
    assert.deepEqual([await next(), await next()], ['deleted a false', 'destroyed a']);
  }
});

// Fails if what happens while the child is at work is lost.
test('an ordinary user: names that are made and deleted while it starts', async (t) => {
  const directory = netnsDirectory();
  const options = JSON.stringify({ directory, deaths: 'require' });
  const next = follow(t, spawnOrdinary(watchUnifiedProgram, options));
  const state = { open: false };
  const opening = next().finally(() => (state.open = true));
  const names: string[] = [];
  for (let count = 0; !state.open; count++) {
    addNamespace(`${directory}/n${count}`);
    if (count % 3 === 2) deleteNamespace(`${directory}/n${count}`);
    else names.push(`n${count}`);
    await setTimeout(5);
  }
  addNamespace(`${directory}/last`);
  const { type, message, namespaces: entries = [] } = await opening;
  assert.equal(type, 'open', message);
  const created = new Set(entries.flatMap((entry) => (entry.names ?? []).map(({ name }) => name)));
  for (let line = await next(); line.name !== 'last'; line = await next())
    if (line.type === 'created') created.add(line.name);
  assert.deepEqual(
    names.filter((name) => !created.has(name)),
    [],
  );
  for (const name of names) deleteNamespace(`${directory}/${name}`);
  const told: string[] = [];
  while (told.length < 2 * names.length) told.push(brief(await next()));
  assert.deepEqual(
    told.toSorted(),
    names.flatMap((name) => [`deleted ${name} false`, `destroyed ${name}`]).toSorted(),
  );
});

/** A watching program behind commands that take something from it. */
function behind(
  t: TestContext,
  words: readonly string[],
  program: string,
  options: object,
  flags: readonly string[] = [],
): () => Promise<Line> {
  const command = [...words, process.execPath, ...flags, program, JSON.stringify(options)];
  return follow(t, spawn('setpriv', ['--pdeathsig=KILL', ...command]));
}

/** Root without any. */
const NO_CAPABILITY = ['setpriv', '--inh-caps=-all', '--bounding-set=-all'];

const LESS: Record<string, readonly string[]> = {
  'root without any capability': NO_CAPABILITY,
  'root without CAP_NET_ADMIN, which nsids take': [
    'setpriv',
    '--inh-caps=-net_admin',
    '--bounding-set=-net_admin',
  ],
  'root of a user namespace without a network namespace of its own': ['unshare', '-Ur'],
};

for (const [who, words] of Object.entries(LESS))
  test(`${who}: the same`, async (t) => {
    const directory = netnsDirectory();
    const next = behind(t, words, watchDeathsProgram, { directory, deaths: 'require' });
    assert.deepEqual(await next(), { type: 'open', ready: true });
    addNamespace(`${directory}/a`);
    assert.equal(brief(await next()), 'created a');
    deleteNamespace(`${directory}/a`);
    assert.deepEqual([brief(await next()), brief(await next())], ['deleted a false', 'destroyed a']);
  });

for (const sysctl of ['user/max_user_namespaces', 'user/max_net_namespaces']) {
  const dotted = sysctl.replace('/', '.');
  const reason = new RegExp(`CAP_SYS_ADMIN.*No space left on device; the sysctl ${dotted} is 0: raise it$`);

  test(`${dotted} is 0, deaths 'auto': names go on, and it is said why`, async (t) => {
    const directory = netnsDirectory();
    const next = behind(t, forbidding(sysctl), watchDeathsProgram, { directory });
    const { ready, code, message } = await next();
    assert.deepEqual([ready, code], [false, 'ERR_NLINK_NO_USER_NAMESPACE']);
    assert.match(message ?? '', reason);
    addNamespace(`${directory}/a`);
    assert.equal(brief(await next()), 'created a');
    deleteNamespace(`${directory}/a`);
    assert.equal(brief(await next()), 'deleted a ');
  });

  test(`${dotted} is 0, deaths 'require': the error`, async (t) => {
    const options = { directory: netnsDirectory(), deaths: 'require' };
    const next = behind(t, forbidding(sysctl), watchUnifiedProgram, options);
    const { type, code, message } = await next();
    assert.deepEqual([type, code], ['error', 'ERR_NLINK_NO_USER_NAMESPACE']);
    assert.match(message ?? '', reason);
  });
}

test('node --permission: it is said which flag it takes, and that is all that it takes', async (t) => {
  const flag = process.allowedNodeEnvironmentFlags.has('--permission')
    ? '--permission'
    : '--experimental-permission';
  const flags = ['--no-warnings', flag, '--allow-addons', '--allow-fs-read=*'];
  const options = { directory: netnsDirectory() };
  const refused = behind(t, NO_CAPABILITY, watchDeathsProgram, options, flags);
  const { ready, code, message } = await refused();
  assert.deepEqual([ready, code], [false, 'ERR_NLINK_NO_USER_NAMESPACE']);
  assert.match(message ?? '', /of its own: the permission model .* start node with --allow-child-process$/);
  flags.push('--allow-child-process');
  const next = behind(t, NO_CAPABILITY, watchDeathsProgram, options, flags);
  assert.deepEqual(await next(), { type: 'open', ready: true });
});

/** The processes of this sandbox that are a watching program or its child. */
function watching(): string[] {
  const own = readlinkSync('/proc/self/ns/mnt');
  const isOne = (pid: string): boolean => {
    try {
      if (readlinkSync(`/proc/${pid}/ns/mnt`) !== own) return false;
      return /scratch-child|watch-deaths/.test(readFileSync(`/proc/${pid}/cmdline`, 'latin1'));
    } catch {
      return false;
    }
  };
  return readdirSync('/proc').filter((entry) => /^\d+$/.test(entry) && isOne(entry));
}

test('killed whenever: no process is left', async (t) => {
  const options = JSON.stringify({ directory: netnsDirectory(), deaths: 'require' });
  let children = 0;
  // Until one was killed while its child was there: whether it is, is a matter of moments.
  for (let round = 0; round < runs(12) || (children === 0 && round < 100); round++) {
    const program = spawnOrdinary(watchDeathsProgram, options);
    const exited = once(program, 'exit');
    t.after(() => program.kill('SIGKILL'));
    let isOpen = false;
    program.stdout.once('data', () => (isOpen = true));
    // The first ones with their child, which may have ended before this process has its turn.
    if (round % 2 === 0) await waitFor('a child', () => watching().length === 2 || isOpen);
    else await setTimeout(40 * (round % 12));
    children += watching().length > 1 ? 1 : 0;
    program.kill('SIGKILL');
    await exited;
    await waitFor('the end of all', () => watching().length === 0);
  }
  assert(children > 0);
});

test('stopped: no process and no descriptor of the table is left', async () => {
  const program = spawnOrdinary(
    watchDeathsProgram,
    JSON.stringify({ directory: netnsDirectory(), deaths: 'require' }),
  );
  const exited = once(program, 'exit');
  await once(program.stdout, 'data');
  assert.equal(watching().length, 1);
  program.stdin.end();
  assert.deepEqual(await exited, [0, null]);
  assert.deepEqual(watching(), []);
});
