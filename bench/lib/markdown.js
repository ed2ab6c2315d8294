/** Markdown as Prettier writes it: `npm run check:format` looks at what is generated too. */

/** Text in which nothing is markup, on one line. */
export const plain = (words) => words.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>|&~#]/g, String.raw`\$&`);

/** Headings need no more than a line of their own. */
export const heading = (level, words) => `${'#'.repeat(level)} ${plain(words)}`;

export const list = (items) => items.map((item) => `- ${plain(item)}`).join('\n');

/** The first column to the left, the others to the right, or as `sides` says. */
export function markdownTable({ header, rows }, sides = (column) => (column === 0 ? 'left' : 'right')) {
  const cells = [header, ...rows].map((row) => row.map(plain));
  const widths = header.map((_, column) => Math.max(3, ...cells.map((row) => [...row[column]].length)));
  const line = (row) =>
    `| ${row
      .map((cell, column) => {
        const room = ' '.repeat(widths[column] - [...cell].length);
        return sides(column) === 'left' ? cell + room : room + cell;
      })
      .join(' | ')} |`;
  const rule = widths.map((width, column) =>
    sides(column) === 'left' ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [line(cells[0]), `| ${rule.join(' | ')} |`, ...cells.slice(1).map(line)].join('\n');
}
