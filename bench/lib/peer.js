/**
 * One process that is measured, or that makes what is measured. A peer says "ready" on a line of its own once it watches, and
 * prints its report when it gets SIGTERM. None outlives this process.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cpuTime, hasInotifyWatch, isAsleep, processStatus } from './process-info.js';

const living = new Set();
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

export class Peer {
  #child;
  #output = '';
  #exited;
  #waiters = [];

  /** @param command the program and its arguments; @param keepOutput false: its output goes to /dev/null */
  constructor([program, ...args], keepOutput = true) {
    this.name = program;
    this.#child = spawn(program, args, { stdio: ['pipe', keepOutput ? 'pipe' : 'ignore', 'inherit'] });
    living.add(this.#child);
    this.#child.stdin.on('error', () => {}); // it ended first; its exit is what tells
    this.#child.stdout?.setEncoding('latin1').on('data', (text) => {
      this.#output += text;
      for (const waiter of this.#waiters) waiter();
    });
    this.#exited = once(this.#child, 'close').then(([code, signal]) => {
      living.delete(this.#child);
      for (const waiter of this.#waiters) waiter();
      return { code, signal };
    });
    this.#exited.catch(() => {}); // whoever awaits it is told
  }

  get pid() {
    return this.#child.pid;
  }

  /** Waits for the line "ready"; gives back what it printed before. */
  async ready() {
    for (;;) {
      const found = /^ready\n/m.exec(this.#output);
      if (found !== null) {
        const before = this.#output.slice(0, found.index);
        this.#output = this.#output.slice(found.index + found[0].length);
        return before;
      }
      const ended = await Promise.race([this.#exited, new Promise((resolve) => this.#waiters.push(() => resolve()))]);
      this.#waiters.length = 0;
      if (ended !== undefined) throw new Error(`${this.name} ended before it was ready`);
    }
  }

  /** Waits until a program that says nothing of itself has an inotify watch. */
  async watching() {
    while (!hasInotifyWatch(this.pid)) await sleep(5);
  }

  /** CPU time in microseconds, memory, context switches: now. */
  sample() {
    return { cpu: cpuTime(this.pid), ...processStatus(this.pid) };
  }

  /** Waits until it has slept for `quiet` milliseconds, 0.2 ms of work aside: it has read all there was. */
  async settled(quiet = 50) {
    let last = cpuTime(this.pid);
    for (let since = performance.now(); performance.now() - since < quiet; await sleep(5)) {
      const time = cpuTime(this.pid);
      if (time - last > 200 || !isAsleep(this.pid)) since = performance.now();
      last = time;
    }
  }

  signal(name) {
    this.#child.kill(name);
  }

  /** Ends its standard input, and waits for it to end. */
  async finish() {
    this.#child.stdin.end();
    return this.#end();
  }

  /** Asks for the report, and waits for it to end. */
  async stop() {
    this.#child.kill('SIGTERM');
    return this.#end();
  }

  async #end() {
    const { code, signal } = await this.#exited;
    if (code !== 0 && signal !== 'SIGTERM') throw new Error(`${this.name} failed: ${signal ?? `exit code ${code}`}`);
    return this.#output;
  }
}

/** The command line of a script in bench/peers. */
export function script(name, ...args) {
  return [process.execPath, fileURLToPath(new URL(`../peers/${name}`, import.meta.url)), ...args];
}

/** Runs a program to its end. */
export async function run(command) {
  await new Peer(command, false).finish();
}
