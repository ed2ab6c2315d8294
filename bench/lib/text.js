/** A section as plain text. */

/** Prints what a figure came to. */
export function printSection({ title, notes, tables, absent, failures, targets }) {
  console.log(`  ${title}`);
  for (const failure of failures) console.log(`  failed: ${failure}`);
  for (const one of tables) {
    if (one.caption !== '') console.log(`  ${one.caption}`);
    printTable(one);
  }
  for (const name of absent) console.log(`  ${name} is absent`);
  for (const note of notes) console.log(`  ${note}`);
  for (const { what, met } of targets) console.log(`  target: ${what}: ${verdict(met)}`);
}

export const verdict = (met) => (met === null ? 'not measured' : met ? 'met' : 'MISSED');

function printTable({ header, rows }) {
  const table = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...table.map((row) => row[column].length)));
  for (const row of table) {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
    );
    console.log(`    ${cells.join('  ')}`.trimEnd());
  }
}
