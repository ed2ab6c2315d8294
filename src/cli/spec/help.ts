/** The text of `--help`, made from the table alone. */
import { commandsOf, usage } from './types.ts';
import type { Argument, Command, Option, Program } from './types.ts';

/** Help of one command, or of the program as a whole. */
export function helpText(command: Command | null, program: Program): string {
  const sections = command === null ? general(program) : specific(command, program);
  return `${sections.join('\n\n')}\n`;
}

function general(program: Program): string[] {
  const { name, summary, common, moreStatuses } = program;
  return [
    `Usage: ${name} COMMAND [OPTION]...\n\n${summary}`,
    commandList(program),
    section('Options', common.map(optionRow)),
    exitStatuses({ statuses: moreStatuses }, program),
    `See '${name} COMMAND --help' for the options of a command.`,
  ];
}

/** The groups one below the other, in columns as wide as those of all. */
function commandList(program: Program): string {
  const width = Math.max(...commandsOf(program).map(({ name }) => name.length));
  const groups = program.groups.map(({ title, commands }) => {
    const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
    return [`${title}:`, ...lines].join('\n');
  });
  return groups.join('\n\n');
}

function specific(command: Command, program: Program): string[] {
  return [
    `Usage: ${usage(command, program.name)}\n\n${command.description.join('\n')}`,
    ...(command.arguments.length === 0 ? [] : [section('Arguments', command.arguments.map(argumentRow))]),
    section('Options', [...command.options, ...program.common].map(optionRow)),
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
      program.environment.map(({ name, meaning }) => [name, [meaning]]),
    ),
    exitStatuses(command, program),
  ];
}

type Row = [string, readonly string[]];

function exitStatuses(command: Partial<Pick<Command, 'success' | 'statuses'>>, program: Program): string {
  const rows = program.statuses.map(({ status, meaning }): Row => {
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
