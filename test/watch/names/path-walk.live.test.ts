/** How a path is walked, held to where the kernel says that it leads. */
import { strict as assert } from 'node:assert';
import { mkdirSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { encodeName, joinPath } from '../../../src/reference/names.ts';
import { errno } from '../../../src/sys/errno.ts';
import { linux } from '../../../src/sys/system.ts';
import { walkPath } from '../../../src/watch/names/path-walk.ts';
import type { Step } from '../../../src/watch/names/path-walk.ts';
import { faulty } from '../../support/faults.ts';
import { netnsDirectory } from '../../support/netns.ts';

const base = realpathSync(netnsDirectory());
const link = (target: string, name: string): void =>
  symlinkSync(encodeName(target), encodeName(`${base}/${name}`));

mkdirSync(`${base}/a/b`, { recursive: true });
writeFileSync(`${base}/file`, '');
link('a', 'relative');
link(`${base}/a/b`, 'absolute');
link('a/../a/./b', 'crooked');
link('relative/b', 'chained');
link('nowhere', 'dangling');
link('loop', 'loop');
link('a/\udcff', 'bytes');
mkdirSync(encodeName(`${base}/a/\udcff`));
link('a', 'link40');
for (let number = 39; number > 0; number--) link(`link${number + 1}`, `link${number}`);
link('link1', 'link0');

/** The steps below the base, in short. */
function walk(path: string): string[] {
  const steps = walkPath(linux(), `${base}/${path}`).slice(base.split('/').length - 1);
  return steps.map(({ directory, entry, kind, fault }) => {
    const where = joinPath(directory, entry).replace(base, '');
    return fault === 0 ? `${kind} ${where}` : `${kind} ${where} ${fault}`;
  });
}

const walks: Record<string, string[]> = {
  'a/b': ['directory /a', 'directory /a/b'],
  '/a//./b/': ['directory /a', 'directory /a/b'],
  'a/b/..': ['directory /a', 'directory /a/b'],
  'a/../a/b': ['directory /a', 'directory /a', 'directory /a/b'],
  relative: ['link /relative', 'directory /a'],
  'relative/b': ['link /relative', 'directory /a', 'directory /a/b'],
  crooked: ['link /crooked', 'directory /a', 'directory /a', 'directory /a/b'],
  chained: ['link /chained', 'link /relative', 'directory /a', 'directory /a/b'],
  bytes: ['link /bytes', 'directory /a', 'directory /a/\udcff'],
  missing: ['missing /missing'],
  'missing/more': ['missing /missing'],
  'a/missing/../b': ['directory /a', 'missing /a/missing'],
  dangling: ['link /dangling', 'missing /nowhere'],
  'dangling/more': ['link /dangling', 'missing /nowhere'],
  file: [`blocked /file ${errno.ENOTDIR}`],
  'file/more': [`blocked /file ${errno.ENOTDIR}`],
  'file/..': [`blocked /file ${errno.ENOTDIR}`],
};

for (const [path, steps] of Object.entries(walks)) {
  test(`${path}: ${steps.join(', ')}`, () => assert.deepEqual(walk(path), steps));
}

test('starts an absolute link from the root', () => {
  const steps = walkPath(linux(), `${base}/absolute`);
  const at = steps.findIndex(({ kind }) => kind === 'link');
  assert.deepEqual(steps[at], { directory: base, entry: 'absolute', kind: 'link', fault: 0 });
  assert.deepEqual(steps.slice(at + 1), walkPath(linux(), `${base}/a/b`));
});

test('follows forty links, as the kernel does, and not one more', () => {
  assert.equal(walk('link1').at(-1), 'directory /a');
  assert.equal(statSync(`${base}/link1`).isDirectory(), true);
  assert.equal(walk('link0').at(-1), `blocked /link40 ${errno.ELOOP}`);
  assert.throws(() => statSync(`${base}/link0`), { code: 'ELOOP' });
  assert.equal(walk('loop').at(-1), `blocked /loop ${errno.ELOOP}`);
});

test('has no steps for the root directory', () => {
  assert.deepEqual(walkPath(linux(), '/'), []);
});

test('ends at what may not be looked at, and says why', () => {
  const { system } = faulty(linux(), (call, count) =>
    call === 'stat' && count === 1 ? -errno.EACCES : undefined,
  );
  const steps: Step[] = [{ directory: '/', entry: 'run', kind: 'blocked', fault: errno.EACCES }];
  assert.deepEqual(walkPath(system, '/run/netns'), steps);
});

test('ends at a link that is replaced while it is read, so that the caller walks again', () => {
  const { system } = faulty(linux(), (call) => (call === 'readLink' ? -errno.ENOENT : undefined));
  assert.deepEqual(walkPath(system, `${base}/relative/b`).at(-1), {
    directory: base,
    entry: 'relative',
    kind: 'link',
    fault: 0,
  });
});

test('ends where the kernel ends, for any directories and links', () => {
  const entry = fc.constantFrom('d', 'e', 'l', 'm');
  const path = fc
    .array(fc.oneof(entry, entry, fc.constantFrom('..', '.', '')), { minLength: 1, maxLength: 5 })
    .map((parts) => parts.join('/'));
  const made = fc.record({ at: path, kind: fc.constantFrom('directory', 'file', 'link', 'link'), to: path });
  const root = `${base}/any`;
  const property = fc.property(fc.array(made, { maxLength: 12 }), path, (all, walked) => {
    rmSync(root, { recursive: true, force: true });
    mkdirSync(root);
    for (const { at, kind, to } of all) {
      try {
        if (kind === 'directory') mkdirSync(`${root}/${at}`);
        else if (kind === 'file') writeFileSync(`${root}/${at}`, '', { flag: 'wx' });
        else symlinkSync(to.startsWith('/') ? root + to : to, `${root}/${at}`);
      } catch {
        // Not possible there.
      }
    }
    const whole = `${root}/${walked}`;
    const last = walkPath(linux(), whole).at(-1);
    let code = 'directory';
    try {
      if (!statSync(whole).isDirectory()) code = 'ENOTDIR';
    } catch (error) {
      code = (error as NodeJS.ErrnoException).code ?? '';
    }
    const fault = Object.entries(errno).find(([, number]) => number === last?.fault)?.[0];
    const ended = last?.kind === 'missing' ? 'ENOENT' : last?.kind === 'blocked' ? fault : 'directory';
    assert.equal(ended, code, whole);
  });
  fc.assert(property, { numRuns: 1500 });
});
