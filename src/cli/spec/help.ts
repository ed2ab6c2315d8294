/** The text of `--help`, made from the table alone. */
import { usage } from './types.ts';
import type { Argument, Command, Option } from './types.ts';
import { TIMED_OUT } from './shared.ts';
import { COMMAND_GROUPS, COMMANDS, COMMON_OPTIONS, ENVIRONMENT, EXIT_STATUSES } from './index.ts';

/** Help of one command, or of nlink as a whole. */
export function helpText(command: Command | null): string {
  const sections = command === null ? general() : specific(command);
  return `${sections.join('\n\n')}\n`;
}

function general(): string[] {
  return [
    'Usage: nlink COMMAND [OPTION]...\n\nWatches and manages the network namespaces of a Linux host.',
    commandList(),
    section('Options', COMMON_OPTIONS.map(optionRow)),
    exitStatuses({ statuses: [[TIMED_OUT[0], `${TIMED_OUT[1]} (--timeout, --for)`]] }),
    "See 'nlink COMMAND --help' for the options of a command.",
  ];
}

/** The groups one below the other, in columns as wide as those of all. */
function commandList(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  return COMMAND_GROUPS.map(({ title, commands }) => {
    const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
    return [`${title}:`, ...lines].join('\n');
  }).join('\n\n');
}

function specific(command: Command): string[] {
  return [
    `Usage: ${usage(command)}\n\n${command.description.join('\n')}`,
    ...(command.arguments.length === 0 ? [] : [section('Arguments', command.arguments.map(argumentRow))]),
    section('Options', [...command.options, ...COMMON_OPTIONS].map(optionRow)),
    ...command.sections.map(({ title, rows }) =>
      section(
        title,
        rows.map(([word, meaning]) => [word, [meaning]]),
      ),
    ),
    section(
      'Examples',
      command.examples.map(({ line, does }) => [line, [does]]),
    ),
    section(
      'Environment',
      ENVIRONMENT.map(({ name, meaning }) => [name, [meaning]]),
    ),
    exitStatuses(command),
  ];
}

type Row = [string, readonly string[]];

function exitStatuses(command: Partial<Pick<Command, 'success' | 'statuses'>>): string {
  const rows = EXIT_STATUSES.map(({ status, meaning }): Row => {
    return [String(status), [status === 0 ? (command.success ?? meaning) : meaning]];
  });
  const own = (command.statuses ?? []).map(([status, meaning]): Row => [status, [meaning]]);
  return section('Exit status', [...rows, ...own]);
}

const argumentRow = ({ value, help }: Argument): Row => [value, help];

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
