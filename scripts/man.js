/**
 * Writes man/nlink.1 (man(7)) from the declarations of the commands (src/cli/spec), so that it says
 * what help says. Needs them compiled. Usage: man.js [--check] [DIRECTORY], by default build/src:
 * where src/ was compiled to. With --check it writes nothing, and ends with 1 if the page would
 * differ.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const words = process.argv.slice(2);
const root = fileURLToPath(new URL('..', import.meta.url));
const compiled = resolve(words.find((word) => !word.startsWith('--')) ?? `${root}build/src`);
const load = (file) => import(pathToFileURL(`${compiled}/cli/${file}`));
const { COMMANDS, COMMON_OPTIONS, ENVIRONMENT, EXIT_STATUSES } = await load('spec/index.js');
const { synopsis } = await load('spec/types.js');
/** The day of the newest release; empty before the first one. */
const released = /^## .*(\d{4}-\d{2}-\d{2})/m.exec(readFileSync(`${root}CHANGELOG.md`, 'utf8'))?.[1] ?? '';
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

function page() {
  const sections = [
    `.\\" Made by scripts/man.js from the table of commands: do not edit.`,
    `.TH NLINK 1 "${released}" "nlink ${version}" "User Commands"`,
    section('NAME', 'nlink \\- watch and manage the network namespaces of a Linux host'),
    section(
      'SYNOPSIS',
      ...COMMANDS.map((command) => usage(command))
        .join('\n.br\n')
        .split('\n'),
    ),
    section(
      'DESCRIPTION',
      ...prose(
        'A network namespace may have names, which are files in the directory that ip-netns(8) uses, and nsids, the numbers that',
        'other namespaces have for it. nlink prints both, and reports when they change.',
      ),
      '.PP',
      ...prose(
        'Results go to standard output; notes and errors go to standard error and begin with "nlink: ".',
        'Options may stand before and after arguments; words after "--" are not options.',
      ),
    ),
    section('COMMANDS', ...COMMANDS.flatMap(command)),
    section('COMMON OPTIONS', 'Every command takes these.', ...COMMON_OPTIONS.flatMap(option)),
    section(
      'EXIT STATUS',
      ...EXIT_STATUSES.flatMap(({ status, meaning }) => row(bold(String(status)), [meaning])),
      ...ownStatuses(),
    ),
    section('ENVIRONMENT', ...ENVIRONMENT.flatMap(({ name, meaning }) => row(bold(name), [meaning]))),
    section(
      'FILES',
      ...row(italic('/var/run/netns'), ['where ip-netns(8) keeps the names; need not exist']),
      ...row(italic('/run/docker/netns'), ['where Docker keeps the names of its containers (--containers)']),
    ),
    section('EXAMPLES', ...COMMANDS.flatMap(({ examples }) => examples).flatMap(example)),
    section(
      'SEE ALSO',
      '.BR ip\\-netns (8),',
      '.BR network_namespaces (7),',
      '.BR namespaces (7),',
      '.BR inotify (7),',
      '.BR rtnetlink (7)',
    ),
  ];
  return `${sections.join('\n')}\n`;
}

/** Exit statuses that only some commands have. */
function ownStatuses() {
  const owners = new Map();
  for (const { name, statuses = [] } of COMMANDS)
    for (const [status, meaning] of statuses) {
      const key = JSON.stringify([status, meaning]);
      owners.set(key, [...(owners.get(key) ?? []), name]);
    }
  return [...owners].flatMap(([key, names]) => {
    const [status, meaning] = JSON.parse(key);
    return row(bold(status), [`${meaning} (${names.join(', ')})`]);
  });
}

function command({ name, description, arguments: args, options, sections, success }) {
  return [
    `.SS nlink ${roff(name)}`,
    ...prose(...description),
    '.PP',
    ...prose(`Exit status 0: ${success}.`),
    ...args.flatMap(({ value, help }) => row(italic(value), help)),
    ...options.flatMap(option),
    ...sections.flatMap(({ title, rows }) => [
      '.PP',
      `${roff(title)}:`,
      '.RS',
      ...rows.flatMap(([word, meaning]) => row(bold(word), [meaning])),
      '.RE',
    ]),
  ];
}

const usage = (entry) => {
  const [program, name, ...places] = synopsis(entry, 'nlink').split(' ');
  return [bold(`${program} ${name}`), '[\\fIOPTION\\fR]...', ...places.map((place) => roff(place))].join(' ');
};

function option({ short, name, value, help }) {
  const spelled = [...(short === undefined ? [] : [`-${short}`]), `--${name}`].map(bold).join(', ');
  return row(value === undefined ? spelled : `${spelled} ${italic(value)}`, help);
}

const example = ({ line, does }) => ['.TP', bold(line), ...prose(does)];
const section = (title, ...lines) => [`.SH ${title}`, ...lines].join('\n');
const row = (tag, lines) => ['.TP', tag, ...prose(...lines)];
const bold = (word) => `\\fB${roff(word)}\\fR`;
const italic = (word) => `\\fI${roff(word)}\\fR`;

/** Filled anew; a sentence begins a line, as roff has it, and no line is long. */
function prose(...lines) {
  return roff(lines.join(' '))
    .split(/(?<=[.:]) (?=[A-Z])/)
    .flatMap((sentence) => sentence.match(/.{1,78}(?= |$)/g).map((line) => line.trimStart()))
    .map((line) => (/^[.']/.test(line) ? `\\&${line}` : line));
}

/**
 * No character that roff reads otherwise, and none beyond ASCII, which not every reader of manuals
 * can show.
 */
function roff(plain) {
  const escaped = plain.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll('…', '...');
  const other = /[^ -~]/.exec(escaped);
  if (other !== null) throw new Error(`not ASCII: ${plain}`);
  return escaped
    .replaceAll("'", '\\(aq')
    .replaceAll('`', '\\(ga')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti');
}

const path = `${root}man/nlink.1`;
const text = page();
if (!words.includes('--check')) {
  mkdirSync(`${root}man`, { recursive: true });
  writeFileSync(path, text);
} else if (readFileSync(path, 'utf8') !== text) {
  console.error('man/nlink.1 is not what the table of commands gives: npm run docs:man');
  process.exitCode = 1;
}
