/** What is known of signals when a child has ended, in processes of their own. */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

/** Runs a script as a module. @returns its lines, and what it ended by */
function ran(script: string): [string[], NodeJS.Signals | number | null] {
  const words = ['--input-type=module', '-e', script];
  const { stdout, stderr, signal, status } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  assert.equal(stderr, '');
  return [stdout.split('\n').slice(0, -1), signal ?? status];
}

const imported = (what: string, path: string): string =>
  `import { ${what} } from '${new URL(`../../../src/${path}`, import.meta.url).href}';`;

const started = `
  ${imported('ChildProcesses', 'cli/host/child-processes.js')}
  ${imported('start', 'sys/program.js')}
  const run = (children) => children.endOf(start(['true\\0'].map(Buffer.from), []));`;

test('a signal that is still on its way when a child has ended is waited for', () => {
  const script = `${started}
    let looks = 0;
    // As if the thread that was given it got its turn only now.
    const any = () => (++looks === 3 && process.kill(process.pid, 'SIGINT'), looks < 3);
    const children = new ChildProcesses({ any, giveUp() {}, close() {} });
    console.log((await run(children)).status, children.stopRequested);
    await children.hearSignals();
    console.log(children.stopRequested, looks);
    await children.close();`;
  assert.deepEqual(ran(script), [['0 false', 'true 3'], 'SIGINT']);
});

test('what never comes is not waited for for ever, and once only', () => {
  const script = `${started}
    let given = false;
    const children = new ChildProcesses({ any: () => !given, giveUp: () => (given = true), close() {} });
    await run(children);
    await children.hearSignals();
    console.log(given, children.stopRequested);
    await children.close();`;
  assert.deepEqual(ran(script), [['true false'], 0]);
});

test('a thread that blocks a signal, as a handler does, is seen; giving up on it leaves it out', () => {
  const script = `
    ${imported('PendingSignals', 'sys/pending-signals.js')}
    ${imported('bind', 'sys/library.js')}
    const sigprocmask = bind('int sigprocmask(int how, const void *set, void *before)');
    const [SIG_BLOCK, SIG_UNBLOCK, SIGINT, SIGUSR1] = [0, 1, 1 << 1, 1 << 9];
    const mask = (how, set) => sigprocmask(how, new Uint8Array(512).fill(set & 0xff, 0, 1).fill(set >> 8, 1, 2), null);
    process.on('SIGINT', () => {});
    const pending = new PendingSignals(['SIGINT']);
    const seen = [pending.any()];
    for (const [how, set] of [[SIG_BLOCK, SIGUSR1], [SIG_BLOCK, SIGINT], [SIG_UNBLOCK, SIGINT], [SIG_BLOCK, SIGINT]]) {
      mask(how, set);
      seen.push(pending.any());
    }
    pending.giveUp();
    seen.push(pending.any());
    pending.close();
    console.log(seen.join(' '));`;
  assert.deepEqual(ran(script), [['false false true false true false'], 0]);
});
