/**
 * One table: what it has is in help, in the manual page and in the completion of every shell, and
 * none can be forgotten.
 */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { bashScript } from '../../../src/cli/commands/completion/bash.ts';
import { fishScript } from '../../../src/cli/commands/completion/fish.ts';
import { zshScript } from '../../../src/cli/commands/completion/zsh.ts';
import { namesOf } from '../../../src/cli/spec/types.ts';
import { helpText } from '../../../src/cli/spec/help.ts';
import { COMMANDS, COMMON_OPTIONS, ENVIRONMENT, EXIT_STATUSES, NLINK } from '../../../src/cli/spec/index.ts';
import { lacking } from '../commands/completion/shells.ts';

const root = new URL('../../../../', import.meta.url);
const page = readFileSync(new URL('man/nlink.1', root), 'utf8');

/** As in the source of a manual page. */
const roff = (word: string): string => word.replaceAll('-', String.raw`\-`).replaceAll("'", String.raw`\(aq`);

/** The part of a text from the line that begins so to the next one that matches. */
function part(text: string, start: string, end: RegExp): string {
  const from = text.indexOf(start);
  assert.ok(from >= 0, `there is no ${start}`);
  const rest = text.slice(from + start.length);
  const length = rest.search(end);
  return length < 0 ? rest : rest.slice(0, length);
}

test('man/nlink.1 is what the table gives', () => {
  const script = fileURLToPath(new URL('scripts/man.js', root));
  const compiled = fileURLToPath(new URL('../../../src', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [script, '--check', compiled], { encoding: 'utf8' });
  assert.deepEqual([status, stderr], [0, '']);
});

test('no reader of manual pages finds a fault', { skip: lacking('mandoc') && lacking('groff') }, () => {
  const path = fileURLToPath(new URL('man/nlink.1', root));
  const [program, ...words] =
    lacking('mandoc') === false
      ? ['mandoc', '-T', 'lint', '-W', 'warning', path]
      : ['groff', '-man', '-Tascii', '-ww', '-z', path];
  const { stdout, stderr } = spawnSync(program, words, { encoding: 'utf8' });
  const faults = `${stdout}${stderr}`.split('\n').filter((line) => line !== '' && !/missing date/.test(line));
  assert.deepEqual(faults, []);
});

for (const command of COMMANDS) {
  const { name, options, arguments: args } = command;
  test(`nlink ${name}: every option and argument in help, manual page and completion`, () => {
    const help = helpText(command, NLINK);
    const manual = part(page, `.SS nlink ${name}\n`, /^\.S[SH] /m);
    // In each script the command's own part begins with its name as a case.
    const bash = part(bashScript([command], '/x'), `\n    ${namesOf(command).join(' | ')})\n`, /;;/);
    const zsh = part(zshScript([command], '/x'), `\n    ${namesOf(command).join('|')})\n`, /;;/);
    const fish = part(
      fishScript([command], '/x'),
      `\n        case ${namesOf(command).join(' ')}\n`,
      /\n {8}case |\n {4}end/,
    );
    for (const { name: option, short, value, help: lines } of options) {
      assert.ok(help.includes(`--${option}`), option);
      assert.ok(manual.includes(`\\fB${roff(`--${option}`)}\\fR`), option);
      assert.ok(value === undefined || manual.includes(`\\fI${roff(value)}\\fR`), option);
      const words = (text: string): string => text.replaceAll(/\s+/g, ' ');
      assert.ok(words(manual).includes(roff(words(lines.join(' '))).slice(0, 60)), option);
      assert.ok(bash.includes(`'${option}:${short ?? ''}:`), option);
      assert.ok(fish.includes(`'${option}:${short ?? ''}:`), option);
      assert.ok(zsh.includes(`)--${option}`) || zsh.includes(`)*--${option}`), option);
      assert.ok(short === undefined || zsh.includes(`-${short}`), option);
    }
    for (const { value } of args) {
      assert.ok(help.includes(value) && manual.includes(`\\fI${roff(value)}\\fR`), value);
      assert.ok(zsh.includes(`:${value}:`), value);
    }
  });
}

test('the manual page has every command, common option, exit status, variable and example', () => {
  for (const { name, examples } of COMMANDS) {
    assert.ok(page.includes(`\\fBnlink ${name}\\fR`), name);
    for (const { line } of examples) assert.ok(page.includes(line.split(' ')[1] as string), line);
  }
  const common = part(page, '.SH COMMON OPTIONS\n', /^\.SH /m);
  for (const { name } of COMMON_OPTIONS) assert.ok(common.includes(roff(`--${name}`)), name);
  const statuses = part(page, '.SH EXIT STATUS\n', /^\.SH /m);
  for (const { status } of EXIT_STATUSES) assert.ok(statuses.includes(`\\fB${status}\\fR`), String(status));
  for (const { statuses: own = [] } of COMMANDS)
    for (const [status] of own) assert.ok(statuses.includes(`\\fB${status}\\fR`), status);
  const variables = part(page, '.SH ENVIRONMENT\n', /^\.SH /m);
  for (const { name } of ENVIRONMENT) assert.ok(variables.includes(name), name);
});

test('no entry of the table lacks what a shell needs: a value that is a directory, a name or a process says so', () => {
  const reporter: Record<string, string> = {
    DIR: 'directory',
    NAME: 'name',
    PID: 'pid',
    'NAME|PATH|PID': 'target',
  };
  for (const { name, options, arguments: args } of COMMANDS) {
    for (const { value = '', completes } of [...options, ...args]) {
      const expected = reporter[value];
      // A name that is to be made is nobody's yet.
      if (expected === undefined || (expected === 'name' && completes === undefined)) continue;
      assert.equal(completes, expected, `${name}: ${value}`);
    }
  }
});
