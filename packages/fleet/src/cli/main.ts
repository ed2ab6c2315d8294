#!/usr/bin/env node
/**
 * The program `nlink-fleet`. It ends by itself when nothing is left to do. What the client of NATS
 * still has under way is nothing to wait for: the kernel gives up a connection that nobody answers
 * after two minutes, and the client cannot be told to. All that was printed is out by then: for
 * stdout a command waits, and stderr is written at once.
 */
import { processIo } from './host/process-io.ts';
import { run } from './run.ts';

const LEFT_OVER = 1000;

process.exitCode = await run(process.argv.slice(2), processIo());
setTimeout(() => process.exit(), LEFT_OVER).unref();
