/** The nlink that is tested: its command, and what `nlink watch` tells while a runtime works. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { within } from '../../support/wait.ts';
import { attempt, output } from './programs.ts';
import type { Result } from './programs.ts';

/** The command as it is published. */
export const MAIN: string =
  process.env['NLINK_TEST_COMMAND'] ??
  fileURLToPath(new URL('../../../../dist/cli/main.cjs', import.meta.url));

export interface Told {
  readonly type: string;
  readonly time: string;
  readonly name?: string;
  readonly path?: string;
  readonly directory?: string;
  readonly ready?: boolean;
  readonly reason?: string;
  readonly nsid?: number | null;
  readonly own?: boolean;
  readonly alive?: boolean | null;
  readonly processes?: number | null;
  readonly owner?: { kind: string; name: string | null; id: string | null } | null;
  readonly namespace?: { readonly id?: string; readonly ino: string; readonly since?: string } | null;
  readonly names?: readonly { path: string }[];
  /** With `--all`. */
  readonly number?: number | null;
  readonly pids?: readonly number[];
  readonly loOnly?: boolean | null;
}

/** A program, and its arguments. */
export type Command = readonly [string, ...string[]];

export const nlink = (...args: string[]): Promise<Result> => attempt(process.execPath, MAIN, ...args);

export async function list(...args: string[]): Promise<Told[]> {
  return JSON.parse(await output(process.execPath, MAIN, 'list', '--json', ...args)) as Told[];
}

/** The name at this path, as `nlink list --containers` has it. */
export async function entry(path: string): Promise<Told | undefined> {
  return (await list('--containers')).find((each) => samePath(each.path, path));
}

/** `/var/run` leads to `/run`, and both are told. */
export function samePath(a: string | undefined, b: string): boolean {
  return a?.replace(/^\/var\/run\//u, '/run/') === b.replace(/^\/var\/run\//u, '/run/');
}

/** No command that deletes a name may be printed: neither nlink's own nor ip's. */
export const DELETING: RegExp = /nlink delete|ip netns del|\brm\b/u;

export class Watch implements AsyncDisposable {
  readonly told: Told[] = [];
  readonly #child;
  readonly #closed: Promise<unknown>;
  #stderr = '';
  #look: () => void = () => {};

  private constructor([command, ...args]: Command) {
    this.#child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
      this.#look();
    });
    const lines = createInterface({ input: this.#child.stdout });
    lines.on('line', (line) => {
      this.told.push(JSON.parse(line) as Told);
      this.#look();
    });
    this.#closed = new Promise((resolve) => {
      lines.on('close', resolve);
    });
  }

  /** Watches the directories of containers too, and is ready when it has said what it waits for. */
  static async start(...args: string[]): Promise<Watch> {
    const watch = new Watch([process.execPath, MAIN, 'watch', '--json', '--containers', ...args]);
    await watch.#until('the start of nlink watch', () => watch.told.length > 0 || watch.#stderr !== '');
    return watch;
  }

  /** Watches every namespace, those without a name too; the own one is always there. */
  static async all(command: Command, directory: string): Promise<Watch> {
    const watch = new Watch([...command, 'watch', '--json', '--all', '--directory', directory]);
    await watch.event('the start of nlink watch', 0, ({ type, own }) => type === 'present' && own === true);
    return watch;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** What was told from now on is asked for with this mark. */
  mark(): number {
    return this.told.length;
  }

  /** The first such event since the mark; waits for it. */
  async event(what: string, since: number, matches: (event: Told) => boolean): Promise<Told> {
    let found: Told | undefined;
    try {
      await this.#until(what, () => (found = this.told.slice(since).find(matches)) !== undefined);
    } catch (error) {
      const seen = this.told.slice(since).map((event) => JSON.stringify(event));
      throw new Error(`${(error as Error).message}; told was:\n${seen.join('\n')}\n${this.#stderr}`, {
        cause: error,
      });
    }
    return found as Told;
  }

  since(mark: number, path: string): Told[] {
    return this.told.slice(mark).filter((event) => samePath(event.path, path));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill();
    await within('the end of nlink watch', this.#closed);
  }

  async #until(what: string, holds: () => boolean): Promise<void> {
    await within(
      what,
      new Promise<void>((resolve) => {
        this.#look = () => {
          if (holds()) resolve();
        };
        this.#look();
      }),
    );
    this.#look = () => {};
  }
}
