/**
 * Every relative link in the pages of the repository leads to a file, and its anchor to a heading
 * there. Every page of a command is linked.
 */
import { strict as assert } from 'node:assert';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** What is not the repository's own. */
const FOREIGN = new Set(['node_modules', 'build', 'dist', '.git']);

function pagesIn(directory: string): string[] {
  return readdirSync(join(root, directory), { withFileTypes: true }).flatMap((entry) => {
    if (FOREIGN.has(entry.name)) return [];
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return pagesIn(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

/** Without blocks of code. */
const prose = (page: string): string =>
  readFileSync(join(root, page), 'utf8').replace(/^( *)```[^]*?^\1```$/gm, '');

/**
 * The anchors of a page, by the rules of GitHub: lower case, no punctuation, hyphens for spaces,
 * numbers for what repeats.
 */
function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of prose(page).matchAll(/^#{1,6} (.+)$/gm)) {
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const base = plain.replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, '').replace(/\s/g, '-');
    let anchor = base;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${base}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

const pages = pagesIn('.');
/** Links without those in code, which may hold brackets of their own. */
const linksOf = (page: string): string[] =>
  [
    ...prose(page)
      .replace(/`[^`\n]*`/g, '')
      .matchAll(/\]\(([^()\s]+)\)/g),
  ].map(([, target = '']) => target);

test('there are pages and links', () => {
  assert.ok(pages.length > 10);
  assert.ok(pages.flatMap(linksOf).length > 80);
});

for (const page of pages) {
  test(page, () => {
    const faults = linksOf(page).flatMap((link) => {
      if (/^[a-z]+:/.test(link)) return [];
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : normalize(join(dirname(page), decodeURIComponent(path)));
      if (target.startsWith('..') || !existsSync(join(root, target))) return [`${link}: no such file`];
      if (anchor === undefined) return [];
      if (statSync(join(root, target)).isDirectory() || !target.endsWith('.md'))
        return [`${link}: an anchor in what is no page`];
      return anchorsOf(target).has(anchor) ? [] : [`${link}: no such heading`];
    });
    assert.deepEqual(faults, []);
  });
}

test('docs/command.md links to the page of every command', () => {
  const linked = new Set(linksOf('docs/command.md').map((link) => link.split('#')[0]));
  const there = readdirSync(join(root, 'docs/command')).map((file) => `command/${file}`);
  assert.deepEqual(
    there.filter((page) => !linked.has(page)),
    [],
  );
});

test('every page of docs/ and examples/ can be reached from README.md, CONTRIBUTING.md or SECURITY.md', () => {
  const seen = new Set<string>();
  const queue = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md'];
  for (const page of queue) {
    if (seen.has(page) || !pages.includes(page)) continue;
    seen.add(page);
    for (const link of linksOf(page)) queue.push(normalize(join(dirname(page), link.split('#')[0] ?? '')));
  }
  const own = pages.filter((page) => page.startsWith('docs/') || page.startsWith('examples/'));
  assert.deepEqual(
    own.filter((page) => !seen.has(page)),
    [],
  );
});

test('every file of this repository that a page names in code exists', () => {
  const faults = pages.flatMap((page) =>
    [...prose(page).matchAll(/`((?:src|test|scripts|examples|bench|docs|notes)\/[\w./-]+\.\w+)`/g)]
      .map(([, path = '']) => path)
      // NAME stands for any name; koffi's own sources are not here.
      .filter((path) => !/\bNAME\b|^src\/koffi\//.test(path) && !existsSync(join(root, path)))
      .map((path) => `${page}: ${path}`),
  );
  assert.deepEqual(faults, []);
});
