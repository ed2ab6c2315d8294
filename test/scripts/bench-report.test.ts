/**
 * What `node bench/run.js --from RESULTS --report FILE` writes, from results made up here: nothing
 * is measured.
 */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { check } from 'prettier';

const bench = new URL('../../../bench/', import.meta.url);

const HOSTILE = 'a|b <i> *c* _d_ `e` [f](g) \\ &amp; "~~h~~"';

function section(parts: Record<string, unknown>): Record<string, unknown> {
  const empty = { notes: [], tables: [], absent: [], failures: [], targets: [], charts: [], measured: null };
  return { title: 'three rounds', ...empty, ...parts };
}

const results = {
  version: '1.2.3',
  date: '2026-01-02T03:04:05.678Z',
  machine: {
    cpu: 'A Processor',
    architecture: 'x64',
    cores: 2,
    memoryGiB: 4,
    virtual: false,
    kernel: '6.18.0',
    node: 'v20.20.0',
    root: false,
  },
  loadBefore: [0.1, 0.2, 0.3],
  loadAfter: [1, 2, 3],
  options: { rounds: 3 },
  figures: {
    latency: section({
      tables: [
        {
          caption: 'name created',
          header: ['', 'median', 'x c, by round'],
          rows: [
            ['c', '16', '1.00'],
            ['nlink', '126', '7.64 (7.1-8.2)'],
          ],
        },
        { caption: HOSTILE, header: ['', HOSTILE], rows: [[HOSTILE, 'µs ½']] },
      ],
      notes: [HOSTILE],
      absent: ['inotifywait'],
      failures: ['chokidar: it | broke\nat once'],
      targets: [
        { what: 'no peer ahead', met: true },
        { what: 'none | silent', met: false },
        { what: 'quick', met: null },
      ],
      charts: [
        {
          file: 'latency-idle',
          title: 'a < b & "c"',
          unit: 'µs',
          groups: [
            {
              label: 'one & two',
              bars: [
                { name: 'c', value: 1 },
                { name: 'nlink', value: 100 },
                { name: 'fs.watch <x>', value: 10_000 },
                { name: 'not told', value: null },
                { name: 'before the kernel', value: -3 },
              ],
            },
          ],
        },
        { file: 'nothing', title: 'empty', unit: 'ms', groups: [] },
      ],
    }),
    storm: section({ notes: ['not measured: needs a C compiler'] }),
  },
  loadNote: 'more than the report knows of',
};

function report(
  from: unknown,
  ...more: string[]
): { status: number | null; stdout: string; stderr: string; folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'nlink-bench-'));
  writeFileSync(join(folder, 'results.json'), JSON.stringify(from));
  // A chart of an earlier report.
  mkdirSync(join(folder, 'benchmarks'));
  writeFileSync(join(folder, 'benchmarks', 'old.svg'), '<svg/>');
  const args = ['--from', join(folder, 'results.json'), '--report', join(folder, 'benchmarks.md'), ...more];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [fileURLToPath(new URL('run.js', bench)), ...args],
    { encoding: 'utf8' },
  );
  return { status, stdout, stderr, folder };
}

function using<T>(from: unknown, use: (markdown: string, stdout: string, folder: string) => T): T {
  const { status, stdout, stderr, folder } = report(from);
  try {
    assert.equal(status, 0, stderr);
    return use(readFileSync(join(folder, 'benchmarks.md'), 'utf8'), stdout, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('the report says what was measured, where, and how to do it again', () => {
  using(results, (markdown) => {
    assert.match(
      markdown,
      /^nlink 1\.2\.3, measured on 2026-01-02: A Processor \(x64\), 2 cores, 4 GiB, Linux 6\.18\.0, Node v20\.20\.0, as an ordinary user\. Load before 0\.1 0\.2 0\.3, afterwards 1 2 3\.$/m,
    );
    assert.ok(markdown.includes('```sh\nnpm run bench:report\n```'));
    assert.ok(markdown.includes('```sh\nnode bench/run.js latency --rounds 3\n```'));
    assert.ok(markdown.includes('1 of 2 that were measured are met.'));
    assert.match(markdown, /^\| latency +\| none \\\| silent +\| MISSED +\|$/m);
    assert.match(markdown, /^\| latency +\| quick +\| not measured +\|$/m);
    assert.ok(markdown.includes('- inotifywait is absent\n- failed: chokidar: it \\| broke at once\n'));
    assert.ok(
      markdown.includes(
        '## storm\n\nthree rounds.\n\n```sh\nnode bench/run.js storm --rounds 3\n```\n\n- not measured: needs a C compiler\n',
      ),
    );
  });
});

test('a table stands there cell by cell as it was printed', () => {
  using(results, (markdown, stdout) => {
    const expected = [
      '### latency: name created',
      '',
      '|       | median |  x c, by round |',
      '| ----- | -----: | -------------: |',
      '| c     |     16 |           1.00 |',
      '| nlink |    126 | 7.64 (7.1-8.2) |',
      '',
    ].join('\n');
    assert.ok(markdown.includes(expected), markdown);
    assert.ok(
      stdout.includes(
        '           median   x c, by round\n    c          16            1.00\n    nlink     126  7.64 (7.1-8.2)\n',
      ),
      stdout,
    );
    assert.ok(stdout.includes('target: none | silent: MISSED\n'));
  });
});

test('Prettier has nothing to change, whatever the words are', async () => {
  const markdown = using(results, (text) => text);
  assert.ok(await check(markdown, { parser: 'markdown', singleQuote: true, printWidth: 110 }), markdown);
  assert.ok(markdown.includes('a\\|b \\<i\\> \\*c\\* \\_d\\_'), markdown);
});

test('the charts are well-formed, leave out what has no number, and those of before are gone', () => {
  using(results, (markdown, _, folder) => {
    assert.deepEqual(readdirSync(join(folder, 'benchmarks')), ['latency-idle.svg']);
    assert.match(markdown, /^!\[a \\< b \\& "c"\]\(benchmarks\/latency-idle\.svg\)$/m);
    assert.ok(!markdown.includes('nothing.svg'));
    const image = readFileSync(join(folder, 'benchmarks', 'latency-idle.svg'), 'utf8');
    assertWellFormed(image);
    assert.ok(image.includes('>fs.watch &lt;x&gt;</text>'));
    assert.ok(!image.includes('not told'));
    assert.ok(image.includes('prefers-color-scheme: dark'));
    const widths = new Map(
      Array.from(
        image.matchAll(/<rect class="(\w+)" x="190" y="(?!48)[\d.]+" width="([\d.]+)"/g),
        ([, kind, width]) => [kind, Number(width)],
      ),
    );
    // From 1 to 10,000: four decades, of which nlink has two; a bar of nothing can be seen too.
    assert.equal(widths.get('nlink'), 285);
    assert.deepEqual(
      Array.from(
        image.matchAll(/class="peer" x="190" y="(?!48)[\d.]+" width="([\d.]+)"/g),
        ([, width]) => width,
      ),
      ['570', '1'],
    );
  });
});

test('a summary that people wrote is kept when the report is made again, and nothing else is', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nlink-bench-'));
  try {
    const path = join(folder, 'benchmarks.md');
    writeFileSync(join(folder, 'results.json'), JSON.stringify(results));
    writeFileSync(path, 'old\n\n<!-- summary -->\n\nIt is fast.\n\n<!-- /summary -->\n\nold\n');
    const args = ['--from', join(folder, 'results.json'), '--report', path];
    const { status } = spawnSync(process.execPath, [fileURLToPath(new URL('run.js', bench)), ...args]);
    assert.equal(status, 0);
    const markdown = readFileSync(path, 'utf8');
    assert.ok(markdown.includes('<!-- summary -->\n\nIt is fast.\n\n<!-- /summary -->\n\n## Targets\n'));
    assert.ok(!markdown.includes('old'));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a report must be Markdown, and there is nothing without results', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nlink-bench-'));
  try {
    const run = (...args: string[]): ReturnType<typeof spawnSync> =>
      spawnSync(process.execPath, [fileURLToPath(new URL('run.js', bench)), ...args]);
    assert.equal(run('--from', 'x.json', '--report', join(folder, 'a.txt')).status, 2);
    assert.equal(run('--from', join(folder, 'none.json'), '--report', join(folder, 'a.md')).status, 1);
    assert.ok(!existsSync(join(folder, 'a.md')));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('who is ahead: by more than the noise, in the median of the rounds, and only peers', async () => {
  const { kindOf, noneAhead } = await import(new URL('lib/section.js', bench).href);
  const of = (name: string, ...rounds: number[]): { name: string; rounds: number[] } => ({ name, rounds });
  const nlink = of('nlink', 100, 100, 100);
  assert.deepEqual(noneAhead('x', nlink, [of('a', 200, 96, 97), of('b', 300, 300, 300)]), {
    what: 'x: no peer ahead (a 0.97 x nlink)',
    met: true,
  });
  assert.equal(noneAhead('x', nlink, [of('a', 90, 90, 500)]).met, false);
  // A round in which it told nothing counts neither way; who told nothing at all is no peer.
  assert.equal(noneAhead('x', nlink, [of('a', Number.NaN, 90, 90)]).met, false);
  assert.equal(noneAhead('x', nlink, []).met, null);
  assert.equal(noneAhead('x', undefined, [of('a', 1)]).met, null);
  const kinds = [
    'nlink',
    'nlink, unified',
    'decodeNsidEvents, one a datagram',
    'c',
    'c-read, 0.5 ms pause',
    'bare Node',
    'chokidar',
    'ip netns list',
  ];
  assert.deepEqual(kinds.map(kindOf), ['nlink', 'nlink', 'nlink', 'limit', 'limit', 'limit', 'peer', 'peer']);
});

test('what was told of a storm is compared event by event', async () => {
  const { compare } = await import(new URL('lib/sequence.js', bench).href);
  assert.deepEqual(compare('add ns-0\ndelete ns-0\nCREATE ns-1\nDELETE ns-1\n', 2), {
    events: 4,
    seen: 4,
    missed: 0,
    doubled: 0,
    disordered: 0,
    losses: 0,
  });
  assert.deepEqual(compare('rename ns-0\nrename ns-0\n', 1).missed, 0);
  assert.deepEqual(compare('add ns-1\nadd ns-0\nadd ns-0\nQ_OVERFLOW \n', 2), {
    events: 4,
    seen: 3,
    missed: 2,
    doubled: 1,
    disordered: 2,
    losses: 1,
  });
});

/**
 * Tags that close in the order in which they were opened, one root, attributes in quotes, no bare
 * `<` or `&`.
 */
function assertWellFormed(xml: string): void {
  const open: string[] = [];
  let roots = 0;
  let at = 0;
  for (const match of xml.matchAll(/<(\/?)([a-z]+)((?: [\w:-]+="[^"<&]*")*)(\/?)>/gi)) {
    const between = xml.slice(at, match.index);
    assert.ok(!/[<>]|&(?!(amp|lt|gt|quot);)/.test(between), between);
    assert.ok(open.length > 0 || between.trim() === '', between);
    at = match.index + match[0].length;
    const [, closing, name, , empty] = match as unknown as [string, string, string, string, string];
    if (closing !== '') assert.equal(open.pop(), name);
    else {
      if (open.length === 0) roots++;
      if (empty === '') open.push(name);
    }
  }
  assert.deepEqual(open, []);
  assert.equal(roots, 1);
  assert.equal(xml.slice(at).trim(), '');
}
