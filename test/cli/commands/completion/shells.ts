/**
 * The shells themselves, with the completion scripts of nlink loaded: what they offer, and what a
 * Tab makes of a line.
 */
import { strict as assert } from 'node:assert';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Command } from '../../../../src/cli/spec/types.ts';
import { bashScript } from '../../../../src/cli/commands/completion/bash.ts';
import { fishScript } from '../../../../src/cli/commands/completion/fish.ts';
import { zshScript } from '../../../../src/cli/commands/completion/zsh.ts';
import { COMMANDS } from '../../../../src/cli/spec/index.ts';
import { within } from '../../../support/wait.ts';

export type Shell = 'bash' | 'zsh' | 'fish';

/** Why a test with these programs cannot run, or false. */
export function lacking(...programs: string[]): string | false {
  const missing = programs.filter(
    (program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).error !== undefined,
  );
  return missing.length === 0 ? false : `${missing.join(', ')} is not installed`;
}

/** A directory of its own, which is gone at the end of the test. */
export function temporary(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'nlink-completion-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

/** Writes the script of a shell into a file. @param names the usual directory of names */
export function scriptFor(
  shell: Shell,
  directory: string,
  names: string,
  commands: readonly Command[] = COMMANDS,
): string {
  const text = { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](commands, names);
  const path = join(directory, `nlink.${shell}`);
  writeFileSync(path, text);
  return path;
}

/** Calls the function as bash does, with the words that readline splits a line into. */
const ASK_BASH = String.raw`
source "$1" || exit
COMP_LINE=$2 COMP_POINT=${'$'}{#2} COMP_WORDS=("${'$'}{@:3}") COMP_CWORD=$(($# - 3))
COMPREPLY=()
_nlink
((${'$'}{#COMPREPLY[@]} == 0)) || printf '%s\0' "${'$'}{COMPREPLY[@]}"`;

/** What bash is offered for a line of these words. */
export function offeredByBash(script: string, line: string, words: readonly string[]): string[] {
  const { stdout, stderr, status } = spawnSync(
    'bash',
    ['--norc', '-c', ASK_BASH, 'bash', script, line, ...words],
    { encoding: 'utf8' },
  );
  assert.deepEqual([stderr, status], ['', 0], line);
  return stdout.split('\0').slice(0, -1);
}

/** What fish offers for a line, without the descriptions. */
export function offeredByFish(t: TestContext, script: string, line: string): string[] {
  const { stdout, stderr, status } = spawnSync(
    'fish',
    ['--no-config', '-c', 'source $argv[1]; complete -C $argv[2]', script, line],
    { encoding: 'utf8', env: { ...process.env, HOME: temporary(t) } },
  );
  assert.deepEqual([stderr, status], ['', 0], line);
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((row) => row.split('\t')[0] ?? '');
}

/** After a Tab, Ctrl-T has the shell print its line, and all that zsh was offered. */
const SET_UP: Readonly<Record<'bash' | 'zsh', string>> = {
  bash: String.raw`bind 'set bell-style none'; bind 'set show-all-if-ambiguous off'
_test_line() { printf '\n[LINE:%s\0:LINE]' "$READLINE_LINE"; }
bind -x '"\C-t": _test_line'; bind '"\C-g": kill-whole-line'; bind '"\C-u": kill-whole-line'`,
  zsh: String.raw`autoload -Uz compinit && compinit -u -D; setopt no_beep no_auto_list no_auto_menu
compadd() { local -a hits; if (( ! ${'$'}{@[(I)-[OAD]]} )); then builtin compadd -O hits "$@"; _test_hits+=("$hits[@]"); fi; builtin compadd "$@"; }
_test_line() { print -rn -- $'\n[LINE:'"$BUFFER"; (( $#_test_hits )) && printf '\0%s' $_test_hits; printf '\0:LINE]'; _test_hits=() }
zle -N _test_line; bindkey '^T' _test_line; bindkey '^I' complete-word; bindkey '^U' kill-buffer`,
};

export interface Tabbed {
  /** The line as it stands after the Tab. */
  line: string;
  /** What was offered (zsh alone). */
  offered: string[];
}

/** A shell on a terminal of its own (script(1)), which has the script loaded. */
export class Terminal {
  readonly #child: ReturnType<typeof spawn>;
  #text = '';
  #wake: () => void = () => {};

  private constructor(t: TestContext, shell: 'bash' | 'zsh') {
    const command = shell === 'bash' ? 'bash --norc --noprofile -i' : 'zsh -f -i';
    this.#child = spawn('script', ['-qec', command, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, HOME: temporary(t), TERM: 'dumb', PS1: '$ ', INPUTRC: '/dev/null' },
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.#text = (this.#text + chunk.toString()).replaceAll('\r\n', '\n');
      this.#wake();
    });
    const exited = once(this.#child, 'exit');
    t.after(async () => {
      this.#child.kill('SIGKILL');
      await exited;
    });
  }

  static async open(t: TestContext, shell: 'bash' | 'zsh', script: string): Promise<Terminal> {
    const terminal = new Terminal(t, shell);
    const setUp = join(temporary(t), 'set-up');
    // Split, so that the echo of what is typed is not the answer.
    writeFileSync(setUp, `${SET_UP[shell]}\nsource '${script}'\nprintf '[%s]' READY\n`);
    terminal.#type(`source '${setUp}'\r`);
    await terminal.#until('[READY]');
    return terminal;
  }

  /** Types a text and a Tab. */
  async tab(text: string): Promise<Tabbed> {
    this.#text = '';
    this.#type(`${text}\t\x14`);
    const seen = await this.#until('\0:LINE]');
    const [line = '', ...offered] = seen.slice(seen.lastIndexOf('[LINE:') + 6, -7).split('\0');
    this.#type('\x15');
    return { line, offered };
  }

  #type(text: string): void {
    this.#child.stdin?.write(text);
  }

  async #until(mark: string): Promise<string> {
    while (!this.#text.includes(mark)) {
      await within(`${mark} on the terminal`, new Promise<void>((resolve) => (this.#wake = resolve)));
    }
    return this.#text.slice(0, this.#text.indexOf(mark) + mark.length);
  }
}
