/**
 * As ../turns.js, but the answer is the nanoseconds of CPU of the whole process and of the programs
 * that it has started and that have ended: a scan gives the event loop its turns, in which nothing
 * is done, and a compiler works beside.
 */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import koffi from 'koffi';

const RUSAGE_CHILDREN = -1;
const getrusage = koffi.load(null).func('int getrusage(int who, void *usage)');
/** struct rusage: user and system time, each of seconds and microseconds, and 14 numbers more. */
const usage = new BigInt64Array(18);

function taken() {
  if (getrusage(RUSAGE_CHILDREN, usage) !== 0) throw new Error('getrusage failed');
  const { user, system } = process.cpuUsage();
  return user + system + Number(usage[0] + usage[2]) * 1e6 + Number(usage[1] + usage[3]);
}

/** @param work does it once; what it gives back of the last time is printed */
export async function cpuTurns(work) {
  writeSync(1, 'ready\n');
  for await (const line of createInterface({ input: process.stdin })) {
    const before = taken();
    let result;
    for (let time = Number(line); time > 0; time--) result = await work();
    writeSync(1, `${(taken() - before) * 1e3} ${result}\nready\n`);
  }
  process.exit(0);
}
