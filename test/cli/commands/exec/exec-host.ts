/** Hosts for tests of `nlink exec`, and running programs by it and by `ip netns exec`. */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { ownEtc } from '../../../support/etc.ts';
import { freshRun, ip } from '../../../support/netns.ts';
import { main, outcomeOf, start } from '../../support/program.ts';
import type { Outcome } from '../../support/program.ts';

/** The two commands, as far as the name. */
export const WAYS: Readonly<Record<'ip' | 'nlink', readonly string[]>> = {
  ip: ['ip', 'netns', 'exec'],
  nlink: [process.execPath, main, 'exec'],
};
type Way = keyof typeof WAYS;

// Node would warn of certificates that are not in an /etc of the test's own.
delete process.env['NODE_EXTRA_CA_CERTS'];
// A program that is not there is looked for in vain only where every directory may be searched.
process.env['PATH'] = '/usr/sbin:/usr/bin:/sbin:/bin';

/** A host with the namespaces `blue`, which has a device of its own, and `red`. */
export function host(t: TestContext): void {
  freshRun(t);
  ownEtc(t);
  for (const name of ['blue', 'red']) ip('netns', 'add', name);
  ip('-n', 'blue', 'link', 'add', 'of-blue', 'type', 'veth', 'peer', 'name', 'other');
}

export interface Ended {
  stdout: string;
  stderr: string;
  status: number | null;
  signal: NodeJS.Signals | null;
}

/** Runs a program to its end, one way; `script` has the command as "$@". */
export function run(way: Way, words: readonly string[], script = 'exec "$@"'): Ended {
  const line = ['-c', script, 'sh', ...WAYS[way], ...words];
  const { stdout, stderr, status, signal } = spawnSync('sh', line, { encoding: 'utf8', cwd: '/usr' });
  return { stdout, stderr, status, signal };
}

/** Runs a program both ways, which must come to the same. @returns what it comes to */
export function same(words: readonly string[], script?: string): Ended {
  const expected = run('ip', words, script);
  assert.deepEqual(run('nlink', words, script), expected, words.join(' '));
  return expected;
}

export const mounts = (): string => readFileSync('/proc/self/mountinfo', 'utf8');
export const nlink = (t: TestContext, ...words: string[]): Promise<Outcome> =>
  outcomeOf(start(t, 'exec', ...words));

/** A program that says its process id and waits; ends with 9 when it gets this signal. */
export const waiting = (signal: NodeJS.Signals, status = 9): string[] => [
  process.execPath,
  '-e',
  `process.on('${signal}', () => { console.log('got ${signal}'); process.exit(${status}) });
   setInterval(() => {}, 1e9); console.log(process.pid)`,
];
