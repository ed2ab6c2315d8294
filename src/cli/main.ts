#!/usr/bin/env node
/** The program `nlink`. It ends by itself when nothing is left to do, so that all output is out. */
import { processIo } from './process-io.ts';
import { run } from './run.ts';
import { commandLine } from './words.ts';

process.exitCode = await run(commandLine(), processIo());
