/**
 * The same steps by `ip netns` and by `nlink`, each on a host of its own, and what the host is like
 * afterwards: names, what stands behind each, mounts, ids. Inodes are other ones each time, so a
 * namespace is called by the first name that it has.
 */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Connection } from '../../../src/index.ts';
import { parseMountinfo } from '../../../src/netns/mounts/mountinfo.ts';
import { decodeName, encodeName } from '../../../src/reference/names.ts';
import { spawnHolder } from '../../support/netns.ts';
import { freshHost } from '../support/nsid-host.ts';
import { main } from '../support/program.ts';
import { atPaths } from '../../support/nsids.ts';

const DIRECTORY = '/run/netns';

/**
 * One step by both. `PID` stands for a process in a namespace of its own, `SELF` for one in that of
 * the test.
 */
export interface Step {
  /** After `ip netns`, or with `-all` before it. */
  ip: readonly string[];
  nlink: readonly string[];
  /** Where one succeeds and the other does not: which, and why that is so on purpose. */
  succeeds?: { only: 'ip' | 'nlink'; why: string };
}

export interface Case {
  setUp?: () => void;
  steps: readonly Step[];
  /** Why the hosts differ afterwards, on purpose. */
  differs?: string;
}

/** Runs it by both, and compares. */
export function parity(title: string, { setUp, steps, differs }: Case): void {
  test(title, async (t) => {
    const byIp = await outcome(t, 'ip', setUp, (pid) =>
      steps.map(({ ip: words }) => run(ipCommand(words), pid).status === 0),
    );
    const byNlink = await outcome(t, 'nlink', setUp, (pid) =>
      steps.map(({ nlink: words }) => run([process.execPath, main, ...words], pid).status === 0),
    );
    const expected = steps.map(({ succeeds }, at) =>
      succeeds === undefined ? byIp.successes[at] : succeeds.only === 'nlink',
    );
    assert.deepEqual(byNlink.successes, expected, 'which steps succeed');
    for (const [at, { succeeds }] of steps.entries())
      if (succeeds !== undefined) assert.equal(byIp.successes[at], succeeds.only === 'ip', succeeds.why);
    if (differs === undefined) assert.deepEqual(byNlink.host, byIp.host);
    else assert.notDeepEqual(byNlink.host, byIp.host, `no longer so: ${differs}`);
  });
}

/** The same word for both. */
export const both = (ipWord: string, nlinkWord: string, ...words: string[]): Step => ({
  ip: [ipWord, ...words],
  nlink: [nlinkWord, ...words],
});

const ipCommand = (words: readonly string[]): string[] =>
  words[0] === '-all' ? ['ip', '-all', 'netns', ...words.slice(1)] : ['ip', 'netns', ...words];

/** Runs a command whose words may hold any bytes, which no argument of spawn could carry. */
export function run(
  words: readonly string[],
  pid = 0,
): { status: number | null; stdout: Buffer; stderr: string } {
  const places: Record<string, string> = { PID: String(pid), SELF: String(process.pid) };
  const script = words.map((word) => shellWord(places[word] ?? word)).join(' ');
  const { status, stdout, stderr } = spawnSync('sh', ['-c', script], { maxBuffer: 2 ** 24 });
  return { status, stdout, stderr: stderr.toString() };
}

/** What ends in a newline would lose it. */
function shellWord(word: string): string {
  const octal = [...encodeName(word)].map((byte) => `\\0${byte.toString(8)}`).join('');
  return `"$(printf '%b' '${octal}')"`;
}

interface Outcome {
  successes: boolean[];
  host: object;
}

async function outcome(
  t: TestContext,
  by: string,
  setUp: (() => void) | undefined,
  act: (pid: number) => boolean[],
): Promise<Outcome> {
  let found: Outcome | undefined;
  // A test of its own, so that its host is gone at its end.
  await t.test(`by ${by}`, async (own) => {
    await freshHost(own);
    const holder = await spawnHolder(own);
    setUp?.();
    const successes = act(holder.pid);
    found = { successes, host: await hostState(holder.pid) };
  });
  assert.ok(found, `the steps by ${by}`);
  return found;
}

/** All that `ip netns` leaves on a host. */
async function hostState(holder: number): Promise<object> {
  let names: Buffer[];
  try {
    names = readdirSync(DIRECTORY, { encoding: 'buffer' }).sort((a, b) => Buffer.compare(a, b));
  } catch {
    return { directory: null };
  }
  const mounts = parseMountinfo(readFileSync('/proc/self/mountinfo'));
  const mountsAt = (path: string): string[] =>
    mounts
      .filter(({ mountPoint }) => mountPoint === path)
      .map(({ type, shared }) => `${type} ${shared !== null}`);
  const known = new Map([
    [statSync('/proc/self/ns/net').ino, 'that of the test'],
    [statSync(`/proc/${holder}/ns/net`).ino, 'that of the process'],
  ]);
  const paths = names.map((bytes) => `${DIRECTORY}/${decodeName(bytes)}`);
  await using connection = await Connection.open();
  const nsids = await connection.getNsids(atPaths(paths));
  const entries = paths.map((path, at) => {
    const { mode, ino, size } = lstatSync(encodeName(path));
    const isNamespace = mountsAt(path).some((mount) => mount.startsWith('nsfs'));
    if (isNamespace && !known.has(ino)) known.set(ino, path);
    const behind = isNamespace ? known.get(ino) : `${size} bytes`;
    const nsid = nsids[at];
    return { path, mode, behind, mounts: mountsAt(path), nsid: typeof nsid === 'number' ? nsid : null };
  });
  return { directory: { mode: lstatSync(DIRECTORY).mode, mounts: mountsAt(DIRECTORY) }, entries };
}
