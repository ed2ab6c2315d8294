/**
 * Twenty seconds of everything at once: namespaces and files come and go in several processes,
 * mounts change elsewhere, the event loop is blocked now and then, and three watchers with
 * consumers of different patience follow it all.
 */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { addNamespace, netnsDirectory } from '../support/netns.ts';
import { Replay } from './support/replay.ts';

const DURATION = 20_000;
const fixture = fileURLToPath(new URL('fixtures/generations.js', import.meta.url));

function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

test('a storm: the emitted events add up to what is there', async (t) => {
  const [directory, elsewhere] = [netnsDirectory(), netnsDirectory()];
  const start = performance.now();
  const over = (): boolean => performance.now() - start > DURATION;

  /** Runs a program again and again until the time is over. */
  const storm = async (command: string, args: string[]): Promise<void> => {
    for (let round = 0; !over(); round++) {
      const child = spawn(command, [...args, `${round}`], {
        cwd: directory,
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      const [code] = await once(child, 'exit');
      assert.equal(code, 0, `${command} ${args.join(' ')}`);
    }
  };
  const files =
    'for i in 1 2 3 4 5 6 7 8; do : > f$i; done; rm f1 f2 f3 f4; mv f5 g5; ln -sf /proc/self/ns/net l$0; rm -f f6 f7 f8 g5 l$0';
  const storms = [
    storm(process.execPath, [fixture, `${directory}/a`, '300']),
    storm(process.execPath, [fixture, `${directory}/b`, '200']),
    storm(process.execPath, [fixture, `${elsewhere}/x`, '100']),
    storm('sh', ['-ec', files]),
  ];

  const consume = async (
    options: object,
    pause: (taken: number) => Promise<void> | void,
  ): Promise<Replay> => {
    const replay = await Replay.open(t, { directory, ...options });
    for (let taken = 0; !over(); taken++) {
      await replay.next();
      await pause(taken);
    }
    return replay;
  };
  const [quick, slow, clumsy] = await Promise.all([
    consume({ bufferSize: 1000 }, () => undefined),
    consume({ bufferSize: 1, readyTimeout: 0 }, async () => setTimeout(1)),
    consume({ bufferSize: 10, readyTimeout: 50 }, (taken) => {
      if (taken % 1000 === 0) block(200);
    }),
  ]);
  await Promise.all(storms);
  addNamespace(`${directory}/last`);
  for (const replay of [quick, slow, clumsy]) {
    await replay.settle();
    assert.deepEqual([...replay.model.names.keys()], ['last']);
    t.diagnostic(JSON.stringify(replay.watcher.stats()));
  }
  assert.equal(quick.watcher.stats().overflows, 0);
});
