/**
 * Makes this process the program of `nlink exec`, with the words as bytes; and what is said of one
 * that cannot be run.
 */
import { existsSync } from 'node:fs';
import { encodeName } from '../../reference/names.ts';
import { systemError } from '../../sys/errno.ts';
import type { SystemError } from '../../sys/errno.ts';
import { execute } from '../../sys/program.ts';

/** Comes back only by the error of execvp(3). @throws SystemError */
export function execProgram(words: readonly string[]): never {
  const number = -execute(words.map((word) => encodeName(`${word}\0`)));
  throw programError(number, 'execvp', words[0] as string);
}

/** Of a program that cannot be run, with what is known of why. */
export function programError(number: number, syscall: string, program: string): SystemError {
  const { code } = systemError(number, syscall, program);
  return systemError(number, syscall, program, remedy(code, program));
}

function remedy(code: string, program: string): string | undefined {
  const isPath = program.includes('/');
  if (code === 'ENOENT') {
    if (!isPath) return 'no directory in PATH has a program of that name, or what interprets it is missing';
    return existsSync(encodeName(program))
      ? 'the file is there, but not what its first line, or its format, says that interprets it'
      : 'there is no such file';
  }
  if (code !== 'EACCES') return undefined;
  if (!isPath) return 'a directory in PATH may not be searched, or what is found there may not be run';
  return 'this is no program (a directory, or a file without execute permission), or on a file system without any (noexec)';
}
