/**
 * The words of the command line. Node makes text of them and loses bytes that are not UTF-8, which names of namespaces and the words
 * of a program may hold: then they are read from /proc/self/cmdline (proc_pid_cmdline(5)), in the writing of reference/names.ts.
 */
import { readFileSync } from 'node:fs';
import { decodeName } from '../reference/names.ts';

/** Without node and the program. */
export function commandLine(): string[] {
  const words = process.argv.slice(2);
  // What Node puts for bytes that it cannot read; a word may also hold a true one.
  return words.some((word) => word.includes('\uFFFD')) ? exactWords(words, commandBytes()) : words;
}

/** @param line `/proc/self/cmdline`, which ends with these words: they are taken from there if they are the same */
export function exactWords(words: readonly string[], line: Buffer): string[] {
  const exact = line.toString('latin1').split('\0').slice(0, -1).slice(-words.length);
  const bytes = exact.map((word) => Buffer.from(word, 'latin1'));
  const same =
    bytes.length === words.length && bytes.every((word, at) => word.toString('utf8') === words[at]);
  return same ? bytes.map(decodeName) : [...words];
}

function commandBytes(): Buffer {
  try {
    return readFileSync('/proc/self/cmdline');
  } catch {
    return Buffer.alloc(0);
  }
}
