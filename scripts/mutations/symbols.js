/**
 * Finds the place of a deliberate fault by the symbol that it is in: a class, function, constant or interface at the top level of a file
 * (`NameStates`), or a member of one (`NameStates.apply`, `NsidEngine.#read`). It goes by indentation,
 * which Prettier keeps: what begins a declaration stands at the left, members two columns to the right
 * of it, and the first line that is indented no further ends either.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const MODIFIERS = '(?:(?:export|default|declare|abstract|static|async|override|readonly|private|get|set) )*';
const KEYWORD = '(?:(?:class|function\\*?|const|let|interface|type) )';

/** All TypeScript sources below a directory: path to text. */
export function readSources(root) {
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  return new Map(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

/**
 * Where a piece of source stands in a symbol, however it is spaced and broken into lines:
 * `{ file, start, end }`, offsets in the text of the file.
 *
 * @param symbol after a part of the file's path where others declare one of that name: `links/leads/leadOf`
 * @throws Error unless exactly one file declares the symbol, and the piece stands in it once
 */
export function locate(sources, symbol, piece) {
  const slash = symbol.lastIndexOf('/');
  const [outer, member] = symbol.slice(slash + 1).split('.');
  const found = [];
  for (const [file, text] of sources) {
    if (!file.includes(symbol.slice(0, Math.max(0, slash)))) continue;
    const range = declarationOf(text, 0, text.length, 0, outer, KEYWORD);
    if (range === null) continue;
    const inner =
      member === undefined ? range : declarationOf(text, range.start, range.end, 2, member, '\\*?');
    if (inner !== null) found.push({ file, text, ...inner });
  }
  if (found.length !== 1)
    throw new Error(
      `${symbol} is declared in ${found.length} files ${found.map(({ file }) => file).join(' ')}`,
    );
  const [{ file, text, start, end }] = found;
  const tokens = piece.match(/[\w$#]+|[^\s\w$#]/g) ?? [];
  const pattern = new RegExp(tokens.map((token) => token.replace(/[^\w]/g, '\\$&')).join('\\s*'), 'g');
  const matches = [...text.slice(start, end).matchAll(pattern)];
  if (matches.length !== 1) throw new Error(`${symbol} has "${piece}" ${matches.length} times, not once`);
  const at = start + matches[0].index;
  return { file, start: at, end: at + matches[0][0].length };
}

function declarationOf(text, from, to, indent, name, keyword) {
  const margin = ' '.repeat(indent);
  const head = new RegExp(`^${margin}${MODIFIERS}${keyword}${name.replaceAll('$', '\\$')}(?![\\w$])`, 'm');
  const match = head.exec(text.slice(from, to));
  if (match === null) return null;
  const start = from + match.index;
  let end = start;
  while (end < to) {
    const line = text.indexOf('\n', end);
    const next = line < 0 ? to : Math.min(line, to);
    const content = text.slice(end, next);
    end = next + 1;
    // `}`, `};`, `]);` at the margin end it, as does the end of a line that opens nothing.
    const isFirst = end - 1 - content.length === start;
    if (
      isFirst
        ? /[;}]$/.test(content)
        : /^[})\]]+[;,]?$/.test(content.slice(indent)) && content.startsWith(margin)
    )
      if (isFirst || !content.startsWith(`${margin} `)) break;
  }
  return { start, end: Math.min(end, to) };
}
