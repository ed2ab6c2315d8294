/** In the machine: programs that are run and waited for, and conditions that have no event. */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';

/** Only a failure takes that long, on an emulated processor too. */
const DEADLINE = 300_000;

export function run(program, ...args) {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  return { status, stdout, stderr };
}

/** What it wrote to stdout; it must end with 0. */
export function ok(program, ...args) {
  const result = run(program, ...args);
  assert.equal(result.status, 0, `${program} ${args.join(' ')}: ${JSON.stringify(result)}`);
  return result.stdout;
}

export async function waitFor(what, condition) {
  const end = performance.now() + DEADLINE;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`waited ${DEADLINE} ms in vain for ${what}`);
    // Each question is a program, which takes its time there.
    await setTimeout(1000);
  }
}
