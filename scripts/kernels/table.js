/** The result of a run, for people: a line for each kernel and part. */
export function table(rows) {
  const head = ['kernel', 'part', 'result', 'passed', 'failed', 'skipped', 'seconds', ''];
  const lines = rows.map(({ kernel, part, result, passed, failed, skipped, seconds, note }) =>
    [kernel, part, result, passed, failed, skipped, seconds, note].map((cell) => String(cell ?? '')),
  );
  const all = [head, ...lines];
  const widths = head.map((_, column) => Math.max(...all.map((line) => line[column].length)));
  return all
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
