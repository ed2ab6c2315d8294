/**
 * Starts the program of `nlink exec --all` in one namespace after the other: from this very
 * process, which enters and comes back, since a Node for each takes many times what the program
 * does; where the way back is shut, by running nlink once more for each.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { inside, requireAdmin, requireReturn } from '../../netns/enter/enter.ts';
import type { OverlayFault } from '../../netns/enter/etc-overlay.ts';
import { encodeName } from '../../reference/names.ts';
import { check } from '../../sys/errno.ts';
import { inheritedDescriptors } from '../../sys/inherited.ts';
import { memoryFile } from '../../sys/memory-file.ts';
import { start } from '../../sys/program.ts';
import type { Ending } from '../../sys/program.ts';
import type { System } from '../../sys/system.ts';
import { programError } from './exec-program.ts';
import { ChildProcesses } from './child-processes.ts';
import { OUTPUT_LIMIT } from './output-limit.ts';

/** A program in a namespace. */
export interface Job {
  name: string;
  /** The name's file, and the directory that it is in. */
  path: string;
  directory: string;
  words: readonly string[];
  sysMounts: boolean;
  /**
   * Whether its output is kept until it has ended, and its input is empty. Otherwise it has the
   * streams of this process.
   */
  collect: boolean;
}

/** What a program wrote. */
export interface Collected {
  stdout: Uint8Array;
  stderr: Uint8Array;
  /** Whether it wrote more than is kept, and was ended for that. */
  tooMuch: boolean;
}

/** How often it is looked at how much a program has written, in milliseconds. */
const LOOK = 50;

export interface Started {
  /** What could not be laid where the program looks for it. */
  faults: readonly OverlayFault[];
  /** By then it is known whether the user asked to stop, if that is why it ended. */
  ended: Promise<Ending>;
  /** What it wrote, if that is collected. To be called once, whatever has become of it. */
  output: () => Collected;
}

export interface Runner {
  /** Whether the user asked to stop, which nothing else is to be started after. */
  readonly stopRequested: boolean;
  /** @throws SystemError, NlinkError: nothing was run */
  start: (job: Job) => Started;
  /** To all that run. */
  kill: (signal: NodeJS.Signals) => void;
  /**
   * When all have ended: ends this process by the signal by which the user asked to stop, if so.
   */
  close: () => Promise<void>;
}

/**
 * To be called before anything is printed, or it would hand on what that opens.
 * @throws SystemError `EPERM` without the privilege that entering takes
 */
export function openRunner(system: System): Runner {
  requireAdmin(system);
  const startIn = comesBack(system) ? startInside : startAgain;
  const descriptors = inheritedDescriptors();
  const children = new ChildProcesses();
  return {
    get stopRequested() {
      return children.stopRequested;
    },
    start(job) {
      const streams = job.collect ? collectingStreams() : null;
      try {
        const { pid, faults } = startIn(system, job, descriptors, streams ?? undefined);
        const ended = children.endOf(pid);
        const limit = streams === null ? null : limited(streams, pid, ended);
        const output = (): Collected => {
          const tooMuch = limit?.exceeded() ?? false;
          return { ...collected(streams), tooMuch };
        };
        return { faults, ended: told(ended, children), output };
      } catch (error) {
        collected(streams);
        throw error;
      }
    },
    kill: (signal) => children.kill(signal),
    close: () => children.close(),
  };
}

async function told(ended: Promise<Ending>, children: ChildProcesses): Promise<Ending> {
  try {
    return await ended;
  } finally {
    await children.hearSignals();
  }
}

function comesBack(system: System): boolean {
  try {
    requireReturn(system);
    return true;
  } catch {
    return false;
  }
}

type Start = (
  system: System,
  job: Job,
  descriptors: readonly number[],
  streams?: readonly number[],
) => { pid: number; faults: readonly OverlayFault[] };

const startInside: Start = (system, { name, path, words, sysMounts }, descriptors, streams) => {
  const bytes = words.map((word) => encodeName(`${word}\0`));
  const started = inside(system, { path }, { name, sysMounts }, (faults) => ({
    pid: start(bytes, descriptors, streams),
    faults,
  }));
  if (started.pid < 0) throw programError(-started.pid, 'posix_spawnp', words[0] as string);
  return started;
};

/** By its path, since digits that are no name any more would be a process. */
const startAgain: Start = (_, { path, directory, words, sysMounts }, descriptors, streams) => {
  // Not from import.meta.url: the package has this module in another file than the build.
  const main = process.argv[1] as string;
  const options = ['--directory', directory, ...(sysMounts ? ['--sys-mounts'] : [])];
  const line = [process.execPath, ...process.execArgv, main, 'exec', ...options, '--', path, ...words];
  const bytes = line.map((word) => encodeName(`${word}\0`));
  const pid = check(start(bytes, descriptors, streams), 'posix_spawnp', process.execPath);
  return { pid, faults: [] };
};

/** An empty input, and files in memory for the others. */
function collectingStreams(): number[] {
  const streams: number[] = [];
  try {
    streams.push(openSync('/dev/null', constants.O_RDONLY));
    for (const _ of ['stdout', 'stderr']) streams.push(check(memoryFile(), 'memfd_create'));
    return streams;
  } catch (error) {
    for (const fd of streams) closeSync(fd);
    throw error;
  }
}

/** Ends a program that writes more than is kept: it would fill the memory of the machine. */
function limited(
  streams: readonly number[],
  pid: number,
  ended: Promise<unknown>,
): { exceeded: () => boolean } {
  const exceeded = (): boolean => streams.slice(1).some((fd) => fstatSync(fd).size > OUTPUT_LIMIT);
  const timer = setInterval(() => {
    if (exceeded()) process.kill(pid, 'SIGKILL');
  }, LOOK);
  // Before the number can be another process's.
  const forget = (): void => clearInterval(timer);
  ended.then(forget, forget);
  return { exceeded };
}

/** Reads and closes them. */
function collected(streams: readonly number[] | null): Omit<Collected, 'tooMuch'> {
  const [stdout, stderr] = (streams ?? []).slice(1).map(contentOf);
  for (const fd of streams ?? []) closeSync(fd);
  return { stdout: stdout ?? new Uint8Array(), stderr: stderr ?? new Uint8Array() };
}

function contentOf(fd: number): Uint8Array {
  const content = Buffer.alloc(Math.min(fstatSync(fd).size, OUTPUT_LIMIT));
  let length = 0;
  while (length < content.length) {
    const read = readSync(fd, content, length, content.length - length, length);
    if (read === 0) break;
    length += read;
  }
  return content.subarray(0, length);
}
