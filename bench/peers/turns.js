/**
 * How a program in JavaScript that works on demand speaks with the harness: "ready"; then for each
 * line on standard input, which says how often, it does its work and answers with the nanoseconds
 * that took and what came of it. Ends when standard input does.
 */
import { readFileSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';

/**
 * @param work gets the number, and what does work that is not counted; what it gives back is
 * printed, so that one sees that it was done
 */
export async function turns(work) {
  writeSync(1, 'ready\n');
  for await (const line of createInterface({ input: process.stdin })) {
    let leftOut = 0n;
    const began = undisturbed();
    const result = await work(Number(line), async (other) => {
      const otherBegan = undisturbed();
      await other();
      leftOut += undisturbed() - otherBegan;
    });
    writeSync(1, `${undisturbed() - began - leftOut} ${result}\nready\n`);
  }
  process.exit(0);
}

/**
 * Nanoseconds without those that this thread wanted to run but had no processor, as in c/common.h.
 */
function undisturbed() {
  const [, waited] = readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ');
  return process.hrtime.bigint() - BigInt(waited);
}
