/**
 * Runs nlink once more, as a child with the same streams, and waits for its end, as a shell waits for a program: what the user
 * asks for meanwhile is the child's to heed, and then ends this process as well.
 */
import { fileURLToPath } from 'node:url';
import { encodeName } from '../reference/names.ts';
import { check, systemError } from '../sys/errno.ts';
import { endingOf, start } from '../sys/program.ts';
import type { Ending } from '../sys/program.ts';

/** Sent to the whole group by a terminal, so that the child has them anyway. */
const FROM_KEYBOARD: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT'];
/** Sent to one process, as by kill(1): passed on. */
const PASSED_ON: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP'];
/** Nothing else keeps the process alive while it waits. */
const LONGEST_INTERVAL = 2 ** 31 - 1;

/**
 * @param words those of a command line
 * @param descriptors what the child gets beside the standard streams
 * @returns how it ended. If this process was asked to end, it does so by the same signal when the child has, and this never returns
 * @throws SystemError of posix_spawn(3)
 */
export async function runAgain(words: readonly string[], descriptors: readonly number[]): Promise<Ending> {
  let asked: NodeJS.Signals | null = null;
  let child = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    asked ??= signal;
    if (child > 0 && PASSED_ON.includes(signal)) kill(child, signal);
  };
  const signals = [...FROM_KEYBOARD, ...PASSED_ON];
  for (const signal of signals) process.on(signal, onSignal);
  try {
    const main = fileURLToPath(new URL('main.js', import.meta.url));
    const line = [process.execPath, ...process.execArgv, main, ...words];
    const bytes = line.map((word) => encodeName(`${word}\0`));
    child = check(start(bytes, descriptors), 'posix_spawn', process.execPath);
    return await endOf(child);
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
    if (asked !== null) await endBy(asked);
  }
}

function endOf(child: number): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const keepAlive = setInterval(() => {}, LONGEST_INTERVAL);
    const look = (): void => {
      const ending = endingOf(child);
      if (ending === null) return;
      clearInterval(keepAlive);
      process.off('SIGCHLD', look);
      if (typeof ending === 'number') reject(systemError(-ending, 'waitpid'));
      else resolve(ending);
    };
    process.on('SIGCHLD', look);
    // It may have ended before anybody listened.
    look();
  });
}

function kill(child: number, signal: NodeJS.Signals): void {
  try {
    process.kill(child, signal);
  } catch {
    // A program with another user's rights; the terminal or whoever asked has to end it.
  }
}

/** As the signal does where nobody listens for it. Never returns. */
function endBy(signal: NodeJS.Signals): Promise<never> {
  process.kill(process.pid, signal);
  return new Promise(() => setInterval(() => {}, LONGEST_INTERVAL));
}
