/** command.js PROGRAM ARGUMENT...: a program, to the last line of what it prints. */
import { execFileSync } from 'node:child_process';
import { cpuTurns } from './cpu.js';

const [, , program, ...words] = process.argv;
await cpuTurns(() => {
  const text = execFileSync(program, words, { encoding: 'latin1', maxBuffer: 2 ** 26 });
  return text.trimEnd().split('\n').length;
});
