/**
 * The words of the command line as bytes. Node makes text of them, in which every byte that is not
 * UTF-8 has become U+FFFD; but names are bytes. The kernel keeps them in /proc/self/cmdline
 * (proc_pid_cmdline(5)).
 */
import { readFileSync } from 'node:fs';
import { decodeName } from '../../reference/names.ts';

/**
 * The last words, with bytes that are not UTF-8 as in names.
 * @param words as Node gives them
 * @param commandLine all words of the process, each with a NUL behind it
 */
export function rawArgv(words: readonly string[], commandLine: () => Buffer = ownCommandLine): string[] {
  let line: Buffer;
  try {
    line = commandLine();
  } catch {
    return [...words];
  }
  const all = line.toString('latin1').split('\0').slice(0, -1);
  const last = all.slice(-words.length).map((word) => Buffer.from(word, 'latin1'));
  // Whatever else may have been written there (process.title): only what is the same to Node is
  // taken.
  const isSame = last.length === words.length && last.every((word, at) => word.toString() === words[at]);
  return isSame ? last.map(decodeName) : [...words];
}

const ownCommandLine = (): Buffer => readFileSync('/proc/self/cmdline');
