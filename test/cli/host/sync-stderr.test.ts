/** Standard error without Node's stream: at once, whole, and never an error. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { Stderr } from '../../../src/cli/host/sync-stderr.ts';
import { Pipe } from '../../support/pipe.ts';

test('written when write() returns', (t) => {
  const pipe = new Pipe(t);
  const stderr = new Stderr(pipe.writeEnd);
  stderr.write('one\n');
  stderr.write('two é\n');
  assert.equal(pipe.read(), Buffer.from('one\ntwo é\n').toString('latin1'));
});

test('nobody reads, or it is closed: nothing happens', async (t) => {
  const pipe = new Pipe(t);
  pipe.close(pipe.readEnd);
  for (const fd of [pipe.writeEnd, 9999]) {
    const stderr = new Stderr(fd);
    await new Promise<void>((resolve, reject) =>
      stderr.write('lost\n', (error) => (error ? reject(error) : resolve())),
    );
    stderr.write('lost\n');
  }
});

test('a reader that is behind: waited for, and then no longer; what fits is written', (t) => {
  const pipe = new Pipe(t);
  const start = performance.now();
  new Stderr(pipe.writeEnd).write('x'.repeat(2 ** 21));
  assert.ok(performance.now() - start >= 900);
  assert.ok(pipe.read().length > 0);
});
