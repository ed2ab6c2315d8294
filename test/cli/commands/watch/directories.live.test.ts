/** `nlink watch` as a process, on several directories and on those of container runtimes. */
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmdirSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Connection } from '../../../../src/netlink/index.ts';
import { addAlias, addNamespace, deleteNamespace, netnsDirectory } from '../../../support/netns.ts';
import { spawnOrdinary } from '../../../support/ordinary.ts';
import { still } from '../../../support/sigstop.ts';
import { within } from '../../../support/wait.ts';
import { freshHost } from '../../support/nsid-host.ts';
import { main, programOf, startWatch } from '../../support/program.ts';

/** Until the end of the test, for this process and whatever it starts. */
function setRuntimeDirectory(t: TestContext, path: string): void {
  const before = process.env['XDG_RUNTIME_DIR'];
  process.env['XDG_RUNTIME_DIR'] = path;
  t.after(() => {
    if (before === undefined) delete process.env['XDG_RUNTIME_DIR'];
    else process.env['XDG_RUNTIME_DIR'] = before;
  });
}

test('two directories: the name, or the path where it is not in the first; one namespace in both', async (t) => {
  await freshHost(t);
  const [one, two] = [netnsDirectory(), netnsDirectory()];
  addNamespace(`${one}/blue`);
  addAlias(`${one}/blue`, `${two}/azure`);
  const human = startWatch(t, '-d', one, '-d', two);
  const json = startWatch(t, '--json', '-d', one, '-d', two);
  const inode = /net:\[\d+\]/.exec(await human.stdout.next())?.[0] ?? '';
  const azure = await human.stdout.next();
  assert.ok(azure.includes(`  present    ${two}/azure `) && azure.includes(inode), azure);
  const present = [await json.stdout.nextJson(), await json.stdout.nextJson()];
  assert.deepEqual(present[0]?.['namespace'], present[1]?.['namespace']);
  assert.deepEqual(
    present.map(({ name, directory }) => [name, directory]),
    [
      ['blue', one],
      ['azure', two],
    ],
  );
  const connection = await Connection.open();
  t.after(() => connection.close());
  const nsid = await connection.setNsid({ path: `${two}/azure` }, 'auto');
  const assigned = await human.stdout.next();
  assert.ok(assigned.includes(`  assigned   blue, ${two}/azure `) && assigned.includes(inode), assigned);
  assert.equal((await json.stdout.nextJson())['nsid'], nsid);
  await still(() => deleteNamespace(`${one}/blue`));
  assert.match(await human.stdout.next(), /  deleted    blue .*  lives on$/);
  await still(() => deleteNamespace(`${two}/azure`));
  const deleted = await human.stdout.next();
  assert.ok(deleted.includes(`  deleted    ${two}/azure `) && deleted.endsWith('  is gone'), deleted);
  assert.ok((await human.stdout.next()).includes(`  destroyed  ${two}/azure `));
});

test('one of two directories is missing: which, and when it comes and goes', async (t) => {
  await freshHost(t);
  const [one, two] = [netnsDirectory(), `${netnsDirectory()}/later`];
  const { stdout, stderr } = startWatch(t, '--json', '-d', one, '-d', two);
  assert.equal(await stderr.next(), `nlink: ${two} does not exist yet; waiting for it`);
  assert.equal(await stderr.next(), `nlink: no namespaces in ${one} yet; waiting for the first`);
  mkdirSync(two);
  assert.equal(await stderr.next(), `nlink: ${two} exists now`);
  addNamespace(`${two}/x`);
  assert.equal((await stdout.nextJson())['directory'], two);
});

test('--containers: Docker, and a rootless user who has logged in', async (t) => {
  await freshHost(t);
  const runtime = '/run/user/1000';
  for (const directory of ['/run/netns', '/run/docker/netns', `${runtime}/netns`, '/run/user/1001/netns'])
    mkdirSync(directory, { recursive: true });
  setRuntimeDirectory(t, runtime);
  addNamespace('/run/docker/netns/5f2a');
  const { child, stdout, stderr, ended } = startWatch(t, '--containers');
  // This user's own may come; those of others are watched only where they are there.
  assert.equal(await stderr.next(), `nlink: ${runtime}/docker/netns does not exist yet; waiting for it`);
  assert.match(await stdout.next(), /  present    \/run\/docker\/netns\/5f2a +net:/);
  for (const name of ['/run/netns/blue', `${runtime}/netns/a`, '/run/user/1001/netns/a']) {
    await still(() => addNamespace(name));
    const shown = name.replace('/run/netns/', '');
    assert.match(await stdout.next(), new RegExp(`  created    ${shown} +net:`));
  }
  mkdirSync(`${runtime}/docker/netns`, { recursive: true });
  assert.equal(await stderr.next(), `nlink: ${runtime}/docker/netns exists now`);
  await still(() => addNamespace(`${runtime}/docker/netns/b`));
  assert.match(await stdout.next(), new RegExp(`  created    ${runtime}/docker/netns/b +net:`));
  child.kill('SIGINT');
  assert.equal(await within('the end', ended), 0);
  assert.deepEqual([await stdout.rest(), await stderr.rest()], [[], []]);
});

test('--containers: a user who logs in later, logs out, and comes again', async (t) => {
  await freshHost(t);
  mkdirSync('/run/user', { recursive: true });
  const { stdout, stderr } = startWatch(t, '--containers', '--time', 'none');
  assert.equal(await stderr.next(), 'nlink: /var/run/netns does not exist yet; waiting for it');
  assert.match(await stderr.next(), /^nlink: \/run\/docker\/netns does not exist yet/);
  for (const name of ['a', 'b']) {
    // As logind does: a file system of the user's own.
    mkdirSync('/run/user/1002');
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', '/run/user/1002']);
    mkdirSync('/run/user/1002/netns');
    addNamespace(`/run/user/1002/netns/${name}`);
    assert.equal(await stderr.next(), 'nlink: /run/user/1002/netns exists now');
    assert.match(await stdout.next(), new RegExp(`^created    /run/user/1002/netns/${name} +net:`));
    execFileSync('umount', ['-R', '/run/user/1002']);
    assert.match(await stdout.next(), new RegExp(`^deleted    /run/user/1002/netns/${name} +net:`));
    assert.match(await stderr.next(), /^nlink: \/run\/user\/1002\/netns is gone/);
    rmdirSync('/run/user/1002');
  }
});

test('--containers as an ordinary user: what may not be read is left out, unless it is named', async (t) => {
  await freshHost(t);
  for (const directory of ['/run/docker/netns', '/run/user/0', '/run/user/1000/netns'])
    mkdirSync(directory, { recursive: true });
  for (const refused of ['/run/docker', '/run/user/0']) chmodSync(refused, 0);
  setRuntimeDirectory(t, '/run/user/1000');
  // What this user could make is waited for.
  chmodSync('/run/user/1000', 0o555);
  const { stdout, stderr } = programOf(t, spawnOrdinary(main, 'watch', '--json', '--containers'));
  assert.equal(
    await stderr.next(),
    'nlink: skipped, not readable for this user: /run/docker/netns, /run/user/0',
  );
  assert.equal(await stderr.next(), 'nlink: /var/run/netns does not exist yet; waiting for it');
  assert.equal(
    await stderr.next(),
    'nlink: no namespaces in /run/user/1000/netns yet; waiting for the first',
  );
  addNamespace('/run/user/1000/netns/a');
  assert.equal((await stdout.nextJson())['path'], '/run/user/1000/netns/a');

  const named = programOf(t, spawnOrdinary(main, 'watch', '--containers', '-d', '/run/docker/netns'));
  assert.match(await named.stderr.next(), /^nlink: skipped, .*: \/run\/user\/0$/);
  assert.match(
    await named.stderr.next(),
    /^nlink: EACCES: .*'\/run\/docker.*': watching needs read permission/,
  );
  assert.equal(await within('the end', named.ended), 3);
});
