/**
 * One process that is measured, or that makes what is measured. A peer says "ready" on a line of
 * its own once it watches, and prints its report when it gets SIGTERM. None outlives this process.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cpuTime, hasInotifyWatch, isAsleep, processStatus } from './process-info.js';

/** How long to wait for a peer that may hang, in milliseconds. */
const PATIENCE = 60_000;

const living = new Set();
process.on('exit', () => living.forEach((peer) => peer.signal('SIGKILL')));

/** Ends whatever runs still, but for `spared`: what to do after a failure. */
export async function endAll(spared = []) {
  const ending = [...living].filter((peer) => !spared.includes(peer));
  for (const peer of ending) peer.signal('SIGKILL');
  await Promise.allSettled(ending.map((peer) => peer.ended));
}

export class Peer {
  #child;
  #output = '';
  #news = () => {};

  /**
   * @param command the program and its arguments; @param keepOutput false: its output goes to
   * /dev/null
   */
  constructor(command, keepOutput = true) {
    this.name = command.slice(0, 2).join(' ');
    const [program, ...args] = command;
    this.#child = spawn(program, args, { stdio: ['pipe', keepOutput ? 'pipe' : 'ignore', 'inherit'] });
    living.add(this);
    this.#child.stdin.on('error', () => {}); // it ended first, which its exit code tells
    this.#child.stdout?.setEncoding('latin1').on('data', (text) => {
      this.#output += text;
      this.#news();
    });
    /** Resolves when it has ended, with its exit code or signal. */
    this.ended = once(this.#child, 'close').then(([code, signal]) => {
      living.delete(this);
      return code ?? signal;
    });
  }

  get pid() {
    return this.#child.pid;
  }

  /** Waits for the line "ready"; gives back what it printed before. */
  async ready() {
    const found = await this.#found(/^ready\n/m, 'ready');
    this.#output = this.#output.slice(found.index + found[0].length);
    return found.input.slice(0, found.index);
  }

  /** Waits until it has printed what matches; gives back the group of it. */
  async says(pattern) {
    const [, group] = await this.#found(pattern, 'ready');
    return group;
  }

  async #found(pattern, what) {
    for (;;) {
      const found = pattern.exec(this.#output);
      if (found !== null) return found;
      const news = new Promise((resolve) => {
        this.#news = resolve;
      });
      const end = await this.#inTime(Promise.race([news, this.ended]), what);
      if (end !== undefined) throw new Error(`${this.name} ended (${end}) before it was ready`);
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

  /**
   * Waits until it has slept for `quiet` milliseconds, 0.2 ms of work aside: it has read all there
   * was.
   */
  async settled(quiet = 50) {
    const began = performance.now();
    let last = cpuTime(this.pid);
    for (let since = began; performance.now() - since < quiet; await sleep(5)) {
      const time = cpuTime(this.pid);
      if (time - last > 200 || !isAsleep(this.pid)) since = performance.now();
      if (since - began > PATIENCE) throw new Error(`${this.name} does not come to rest`);
      last = time;
    }
  }

  /**
   * Lets one that works on demand do its work `times` times (peers/turns.js); gives back what it
   * printed.
   */
  async turn(times) {
    this.#child.stdin.write(`${times}\n`);
    return this.ready();
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
    const end = await this.#inTime(this.ended, 'done');
    if (end !== 0 && end !== 'SIGTERM') throw new Error(`${this.name} failed (${end})`);
    return this.#output;
  }

  async #inTime(promise, what) {
    const late = new AbortController();
    const limit = sleep(PATIENCE, 'late', { signal: late.signal }).catch(() => {});
    const first = await Promise.race([promise, limit]);
    late.abort();
    if (first === 'late') throw new Error(`${this.name} was not ${what} in ${PATIENCE / 1000} s`);
    return first;
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

/**
 * Lets each take its turn in each round, each time another one first, so that what disturbs the
 * machine disturbs all. One that fails is named and left out from then on.
 * @param spared processes that are needed although a peer has failed
 */
export async function takeTurns(peers, rounds, turn, spared = []) {
  for (let round = 0; round < rounds; round++) {
    for (let at = 0; at < peers.length; at++) {
      const peer = peers[(at + round) % peers.length];
      if (peer.failure !== undefined) continue;
      try {
        await turn(peer);
      } catch (error) {
        peer.failure = error.message;
        await endAll(spared);
      }
    }
  }
}
