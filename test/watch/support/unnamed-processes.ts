/**
 * Processes in namespaces, started, moved and ended within one turn of the event loop, so that this
 * may happen before any system call of a watcher.
 */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readSync, writeSync } from 'node:fs';
import { check } from '../../../src/sys/errno.ts';
import { CLONE_NEWNET } from '../../../src/sys/flags.ts';
import { linux } from '../../../src/sys/system.ts';
import { SOCK_CLOEXEC, SOCK_STREAM, socketPair } from '../../support/in-flight.ts';
import { moverProgram } from '../../support/watching.ts';

/** Calls back in the namespace of a path, or in a new one, and comes back. */
export function within<T>(path: string | null, act: () => T): T {
  const system = linux();
  const back = openSync('/proc/thread-self/ns/net', 'r');
  try {
    if (path === null) check(system.unshare(CLONE_NEWNET), 'unshare');
    else enter(path);
    return act();
  } finally {
    check(system.setns(back, CLONE_NEWNET), 'setns');
    closeSync(back);
  }
}

function enter(path: string): void {
  const fd = openSync(path, 'r');
  try {
    check(linux().setns(fd, CLONE_NEWNET), 'setns', path);
  } finally {
    closeSync(fd);
  }
}

/** A process; after its end the path of its namespace leads nowhere. */
export class Process {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;

  constructor(child: ChildProcess) {
    assert(child.pid !== undefined, 'a process was started');
    this.pid = child.pid;
    this.#child = child;
    this.#exited = once(child, 'exit');
  }

  get namespace(): string {
    return `/proc/${this.pid}/ns/net`;
  }

  /** The files of the namespaces of its threads; none when it has ended. */
  namespaces(): string[] {
    try {
      return readdirSync(`/proc/${this.pid}/task`).map((tid) => `/proc/${this.pid}/task/${tid}/ns/net`);
    } catch {
      return [];
    }
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  async end(): Promise<void> {
    this.kill();
    await this.#exited;
  }
}

/** Keeps one end of a pair of sockets, at whose closing the processes end that read the other. */
export class Lifeline {
  readonly #ends = socketPair(SOCK_STREAM | SOCK_CLOEXEC);

  /** Starts a process that does nothing, in the namespace of this thread. */
  start(): Process {
    return new Process(spawn('cat', { stdio: [this.#ends[0], 'ignore', 'ignore'] }));
  }

  close(): void {
    for (const end of this.#ends) closeSync(end);
  }
}

/** One that moves when it is told to: test/watch/fixtures/mover.ts. */
export class MovingProcess extends Process {
  readonly #socket: number;

  static start(): MovingProcess {
    const [own, other] = socketPair(SOCK_STREAM | SOCK_CLOEXEC);
    try {
      const child = spawn(process.execPath, [moverProgram], { stdio: [other, other, 'inherit'] });
      return new MovingProcess(child, own);
    } finally {
      closeSync(other);
    }
  }

  private constructor(child: ChildProcess, socket: number) {
    super(child);
    this.#socket = socket;
    assert.equal(this.#answer(), 'ready');
  }

  /** @returns whether it could */
  tell(...words: string[]): boolean {
    writeSync(this.#socket, `${words.join(' ')}\n`);
    return this.#answer() !== 'refused';
  }

  override async end(): Promise<void> {
    await super.end();
    closeSync(this.#socket);
  }

  #answer(): string {
    const buffer = Buffer.alloc(64);
    return buffer.toString('latin1', 0, readSync(this.#socket, buffer)).trim();
  }
}
