/**
 * `nlink exec --all`: a program in each namespace that has a name, as `ip -all netns exec`
 * (ip-netns(8)). One at a time it has nlink's own streams; several at a time, what each writes is
 * kept until it has ended, and printed in the order of the names all the same.
 */
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { NamespaceEntry } from '../../../netns/names/entry.ts';
import type { OverlayFault } from '../../../netns/enter/etc-overlay.ts';
import type { Ending } from '../../../sys/program.ts';
import { shown } from '../../../format/escape.ts';
import type { Io } from '../../host/io.ts';
import { complain, note, Output } from '../../output/output.ts';
import { REASONS } from '../../output/reasons.ts';
import { OUTPUT_LIMIT } from '../../host/output-limit.ts';
import type { Collected, Runner } from '../../host/runner.ts';

export interface ExecInEach {
  directories: readonly string[];
  words: readonly string[];
  sysMounts: boolean;
  /** At most so many at a time. */
  jobs: number;
}

interface Place {
  entry: NamespaceEntry;
  directory: string;
}

/** @returns 0 if it ended with 0 in each, otherwise 1; what failed has been said */
export async function execInEach(what: ExecInEach, io: Io): Promise<number> {
  const runner = await io.openRunner();
  const output = new Output(io.stdout, () => {});
  const forget = io.onReaderGone(() => {
    output.readerGone();
    // As if they had written to it themselves.
    if (what.jobs > 1) runner.kill('SIGPIPE');
  });
  try {
    const places = await placesIn(what.directories, io);
    const run = what.jobs > 1 ? collectedRuns : directRuns;
    const status = await run(places, what, { runner, output, io });
    if (places.length === 0) note(`no namespaces in ${what.directories.map(shown).join(', ')}`, io);
    return output.closed ? 0 : status;
  } finally {
    forget();
    await runner.close();
  }
}

async function placesIn(directories: readonly string[], io: Io): Promise<Place[]> {
  const places: Place[] = [];
  for (const directory of directories)
    for (const entry of await io.listNamespaces({ directory })) places.push({ entry, directory });
  return places;
}

interface Means {
  runner: Runner;
  output: Output;
  io: Io;
}

/** One after the other, with this process's streams. */
async function directRuns(places: readonly Place[], what: ExecInEach, means: Means): Promise<number> {
  const { runner, output, io } = means;
  let status = 0;
  for (const place of places) {
    if (place.entry.ready) await output.write(heading(place));
    if (output.closed || runner.stopRequested) break;
    const { fault } = await runIn(place, what, means);
    // The end of a program may be reported before the end of the pipe that it wrote to, which comes
    // a turn later.
    for (let turns = 0; turns < 2; turns++) await setImmediate();
    // Under load it comes later still.
    if (fault === BY_SIGPIPE && !output.closed) await setTimeout(MOMENT);
    if (output.closed || runner.stopRequested) break;
    if (fault !== null) status = tell(fault, place, io);
  }
  return status;
}

/** Several at a time. */
async function collectedRuns(places: readonly Place[], what: ExecInEach, means: Means): Promise<number> {
  const { runner, output, io } = means;
  const inTurn = limited(what.jobs);
  const runs = places.map((place) =>
    inTurn(async () => (output.closed || runner.stopRequested ? null : await runIn(place, what, means))),
  );
  let status = 0;
  try {
    for (const [index, run] of runs.entries()) {
      const place = places[index] as Place;
      const outcome = await run;
      if (outcome === null || output.closed) continue;
      if (place.entry.ready) await output.write(heading(place));
      await output.write(outcome.written.stdout);
      io.stderr.write(outcome.written.stderr);
      if (outcome.fault !== null && !runner.stopRequested) status = tell(outcome.fault, place, io);
    }
  } catch (error) {
    // Nothing can be printed any more, and none is left behind.
    runner.kill('SIGPIPE');
    await Promise.all(runs);
    throw error;
  }
  return status;
}

const heading = ({ entry }: Place): string => `\nnetns: ${shown(entry.name)}\n`;

function tell(fault: string, { entry }: Place, io: Io): 1 {
  complain(`${shown(entry.name)}: ${fault}`, io);
  return 1;
}

/** What came of a program. */
interface Outcome {
  /** How it failed, or null. */
  fault: string | null;
  /** What it wrote, where that is collected. */
  written: Collected;
}

const NOTHING: Collected = { stdout: new Uint8Array(), stderr: new Uint8Array(), tooMuch: false };

/** Runs it to its end. Never rejects. */
async function runIn({ entry, directory }: Place, what: ExecInEach, means: Means): Promise<Outcome> {
  const { name, path } = entry;
  if (!entry.ready) return { fault: `not run: ${REASONS[entry.reason]}`, written: NOTHING };
  const { words, sysMounts, jobs } = what;
  try {
    const job = { name, path, directory, words, sysMounts, collect: jobs > 1 };
    const { faults, ended, output } = means.runner.start(job);
    for (const fault of faults) noteFault(fault, means.io);
    const ending = await ended;
    const written = output();
    return { fault: written.tooMuch ? TOO_MUCH : failure(ending), written };
  } catch (error) {
    return { fault: (error as Error).message, written: NOTHING };
  }
}

const TOO_MUCH =
  `killed: it wrote more than the ${OUTPUT_LIMIT / 2 ** 20} MiB per program that --jobs keeps; ` +
  'without --jobs there is no limit';

const BY_SIGPIPE = 'ended by SIGPIPE';
/**
 * For how long the end of the reader is waited for, once a program has ended for it; in
 * milliseconds.
 */
const MOMENT = 100;

function failure({ status, signal }: Ending): string | null {
  if (status === 0) return null;
  return signal === null ? `ended with ${status}` : `ended by ${signal}`;
}

/** Says what could not be laid where a program looks for it. */
export function noteFault({ from, onto, code, remedy }: OverlayFault, io: Io): void {
  note(`cannot mount ${from} over ${onto} (${code}): ${remedy}`, io);
}

/** Lets so many run at a time, in the order in which they were given. */
function limited(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = most;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
}
