#!/usr/bin/env node
/** The program `nlink`. It ends by itself when nothing is left to do, so that all output is out. */
import { processIo } from './host/process-io.ts';
import { run } from './run.ts';

const words = process.argv.slice(2);

async function start(): Promise<void> {
  // Something that is not UTF-8; loaded only then.
  const hasBytes = words.some((word) => word.includes('\uFFFD'));
  const given = hasBytes ? (await import('./args/raw-argv.ts')).rawArgv(words) : words;
  process.exitCode = await run(given, processIo());
}

// Not awaited here: the published program is no module of ECMAScript (scripts/bundle.js).
void start();
