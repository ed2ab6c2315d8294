/** Programs that are to end soon, and those that do not. */
import { strict as assert } from 'node:assert';
import { closeSync, existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { runBriefly } from '../../src/sys/brief-program.ts';
import { memoryFile } from '../../src/sys/memory-file.ts';
import { withoutLeak } from '../support/descriptors.ts';
import { DEADLINE } from '../support/wait.ts';

/** How `sh` ends, and what it writes on its stderr and its descriptor 3. */
async function run(script: string, deadline: number = DEADLINE): Promise<string> {
  const file = memoryFile();
  try {
    const how = await runBriefly({ words: ['sh', '-c', script], deadline }, file);
    return `${how}: ${readFileSync(`/proc/self/fd/${file}`, 'utf8').trim().replaceAll('\n', ' ')}`;
  } finally {
    closeSync(file);
  }
}

test('how it ended, and where it speaks', async () => {
  assert.equal(await run('true'), 'ended with status 0: ');
  assert.equal(await run('exit 7'), 'ended with status 7: ');
  assert.equal(await run('echo out; echo why >&2; echo more >&3; exit 1'), 'ended with status 1: why more');
  assert.equal(await run('kill -KILL $$'), 'ended by SIGKILL: ');
  assert.equal(await run('cat >&3'), 'ended with status 0: ');
});

test('hardly any environment, and the root as its working directory', async (t) => {
  const before = { ...process.env };
  t.after(() => (process.env = before));
  process.env = { ...before, NODE_OPTIONS: '--no-warnings', SECRET: 'secret' };
  const said = await run('tr "\\0" "\\n" < /proc/$$/environ | cut -d= -f1 | sort >&2; pwd >&2');
  assert.match(said, /: LC_ALL (?:LD_LIBRARY_PATH )?PATH \/$/);
  process.env = { PATH: '' };
  assert.equal(await run('true'), 'ended with status 0: ');
});

test('it is killed when its time is up, and waited for', async () => {
  const said = await run('echo $$ >&2; exec sleep 1000', 300);
  const [, pid = ''] = /^did not end within 300 ms; killed, it ended by SIGKILL: (\d+)$/.exec(said) ?? [];
  assert.notEqual(pid, '', said);
  assert(!existsSync(`/proc/${pid}`) || !readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('sleep'));
});

test('it is killed when that is asked for, before or after it started', async () => {
  const file = memoryFile();
  const words = ['sleep', '1000'] as const;
  for (const signal of [AbortSignal.abort(), AbortSignal.timeout(50)])
    assert.equal(
      await runBriefly({ words, deadline: DEADLINE, signal }, file),
      'aborted; killed, it ended by SIGKILL',
    );
  closeSync(file);
});

test('one that is not there', async () => {
  const file = memoryFile();
  await withoutLeak(() =>
    assert.rejects(runBriefly({ words: ['/nonexistent/program'], deadline: DEADLINE }, file), {
      code: 'ENOENT',
    }),
  );
  closeSync(file);
});
