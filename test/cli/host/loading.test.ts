/**
 * What a command loads: what is not needed is not loaded (in which files the rest is published:
 * scripts/bundle.js).
 */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { compiled } from '../support/program.ts';

const root = new URL('../../../src/', import.meta.url).href;

/** The files of nlink that are loaded, below src/: those of which V8 tells what was run of them. */
function loaded(...words: string[]): string[] {
  const directory = mkdtempSync(`${tmpdir()}/nlink-loaded-`);
  try {
    spawnSync(process.execPath, [compiled, ...words], {
      env: { ...process.env, NODE_V8_COVERAGE: directory },
    });
    const [report = ''] = readdirSync(directory);
    const { result } = JSON.parse(readFileSync(`${directory}/${report}`, 'utf8')) as {
      result: { url: string }[];
    };
    return result
      .map(({ url }) => url)
      .filter((url) => url.startsWith(root))
      .map((url) => url.slice(root.length));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const LIBRARY = /^(sys|reference|inotify|netlink|netns|watch)\//;

test('help, the version and bad usage load nothing of the library', () => {
  for (const words of [['--help'], ['list', '--help'], ['--version'], ['wach'], ['add']]) {
    const files = loaded(...words);
    assert.ok(files.includes('cli/args/parse.js'), files.join(' '));
    assert.deepEqual(
      files.filter((file) => LIBRARY.test(file) || file.startsWith('cli/commands/')),
      [],
      words.join(' '),
    );
  }
});

test('list loads no watcher, and help neither', () => {
  const files = loaded('list', '-d', '/nowhere');
  assert.ok(
    files.includes('netns/names/list.js') && files.includes('netlink/nsid-client.js'),
    files.join(' '),
  );
  assert.deepEqual(
    files.filter((file) =>
      /^(watch|inotify)\/|^netlink\/(connection|raw-events)\.js$|^cli\/(spec\/help|output\/error-text|args\/raw-argv|commands\/watch\/.*)\.js$/.test(
        file,
      ),
    ),
    [],
  );
});
