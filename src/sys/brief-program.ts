/**
 * Runs a program that is to end soon, with a descriptor as its stderr and its number 3, and waits
 * for its end, but not for ever. It gets hardly anything of the environment, above all none of the
 * variables that Node heeds, and knows no working directory of ours. Node makes no pipe for it: of
 * one that it makes it leaves an end open where the spawning fails by EMFILE.
 */
import type { ChildProcess } from 'node:child_process';

/** Where programs are, whatever PATH says: that of a service may be empty. */
const PLACES = '/usr/sbin:/usr/bin:/sbin:/bin';
/** What the dynamic linker needs, where the runtime is not installed as usual. */
const KEPT = 'LD_LIBRARY_PATH';
/** How long to wait for the end of one that was killed, which only the kernel can hold up. */
const GRACE_MS = 1000;

export interface BriefProgram {
  words: readonly [string, ...string[]];
  /** Beside what each gets. */
  environment?: Readonly<Record<string, string>>;
  /** In milliseconds; then it is killed. */
  deadline: number;
  /** Kills it. */
  signal?: AbortSignal | undefined;
}

/**
 * @param descriptor stays the caller's
 * @returns how it ended, such as `ended with status 0`. It has been waited for
 * @throws what `child_process.spawn` fails with: `ENOENT`, `EAGAIN`, `EMFILE`, `ERR_ACCESS_DENIED`
 */
export function runBriefly(
  { words: [file, ...args], environment, deadline, signal }: BriefProgram,
  descriptor: number,
): Promise<string> {
  const { spawn } = process.getBuiltinModule('node:child_process');
  return new Promise((resolve, reject) => {
    const child: ChildProcess = spawn(file, args, {
      cwd: '/',
      env: environmentWith(environment),
      stdio: ['ignore', 'ignore', descriptor, descriptor],
    });
    let late = '';
    const end = (how: string): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      resolve(`${late}${how}`);
    };
    const onDeadline = (): void => kill(`did not end within ${deadline} ms; killed, it `);
    const onAbort = (): void => kill('aborted; killed, it ');
    const kill = (why: string): void => {
      late = why;
      clearTimeout(timer);
      child.kill('SIGKILL');
      timer = setTimeout(() => {
        child.unref();
        end('did not end either');
      }, GRACE_MS);
    };
    let timer = setTimeout(onDeadline, deadline);
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted === true) onAbort();
    child.once('error', (error) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      reject(error);
    });
    child.once('exit', (status: number | null, signal: NodeJS.Signals | null) =>
      end(signal === null ? `ended with status ${status}` : `ended by ${signal}`),
    );
  });
}

function environmentWith(more: BriefProgram['environment']): Record<string, string> {
  const { PATH, [KEPT]: libraries } = process.env;
  return {
    PATH: PATH === undefined || PATH === '' ? PLACES : `${PATH}:${PLACES}`,
    // What others say is quoted in errors, and known by its words.
    LC_ALL: 'C',
    ...(libraries === undefined ? {} : { [KEPT]: libraries }),
    ...more,
  };
}
