#!/usr/bin/env node
/** The program `nlink-fleet`. It ends by itself when nothing is left to do: then all is out. */
import { processIo } from './host/process-io.ts';
import { run } from './run.ts';

process.exitCode = await run(process.argv.slice(2), processIo());
