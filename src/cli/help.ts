/** The text of `--help`, made from the table alone. */
import { COMMANDS, COMMON_OPTIONS, ENVIRONMENT, EVENTS, EXIT_STATUSES } from './table.ts';
import type { Command, Option } from './table.ts';

/** Help of one command, or of nlink as a whole. */
export function helpText(command: Command | null): string {
  const sections = command === null ? general() : specific(command);
  return `${sections.join('\n\n')}\n`;
}

function general(): string[] {
  return [
    'Usage: nlink COMMAND [OPTION]...\n\nWatches the network namespaces of a Linux host.',
    section(
      'Commands',
      COMMANDS.map(({ name, summary }) => [name, [summary]]),
    ),
    section('Options', COMMON_OPTIONS.map(optionRow)),
    exitStatuses(),
    `More: ${COMMANDS.map(({ name }) => `nlink ${name} --help`).join(', ')}`,
  ];
}

function specific(command: Command): string[] {
  return [
    `Usage: nlink ${command.name} [OPTION]...\n\n${command.description.join('\n')}`,
    section('Options', [...command.options, ...COMMON_OPTIONS].map(optionRow)),
    section('Types of event', mapRows(EVENTS)),
    section(
      'Examples',
      command.examples.map(({ line, does }) => [line, [does]]),
    ),
    section(
      'Environment',
      ENVIRONMENT.map(({ name, meaning }) => [name, [meaning]]),
    ),
    exitStatuses(),
  ];
}

type Row = [string, readonly string[]];

const mapRows = (record: Readonly<Record<string, string>>): Row[] =>
  Object.entries(record).map(([name, meaning]) => [name, [meaning]]);

const exitStatuses = (): string =>
  section(
    'Exit status',
    EXIT_STATUSES.map(({ status, meaning }) => [String(status), [meaning]]),
  );

function optionRow({ short, name, value, help }: Option): Row {
  const dashed = `${short === undefined ? '    ' : `-${short}, `}--${name}`;
  return [value === undefined ? dashed : `${dashed} ${value}`, help];
}

function section(title: string, rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  const lines = rows.flatMap(([left, right]) =>
    right.map((line, index) => `  ${(index === 0 ? left : '').padEnd(width)}  ${line}`),
  );
  return [`${title}:`, ...lines].join('\n');
}
