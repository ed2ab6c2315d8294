/**
 * Standard error without Node's stream, which makes a pipe non-blocking for all who share it:
 * `nlink exec` passes it on to a program, which would not expect that (fcntl(2), O_NONBLOCK). What
 * is written is out when write() returns.
 */
import { writeSync } from 'node:fs';
import { Writable } from 'node:stream';

/**
 * How long a reader that is behind is waited for, where somebody else made the descriptor
 * non-blocking; then the text is lost.
 */
const ATTEMPTS = 100;
const PAUSE_MS = 10;

/** A closed stderr is no reason to end: no write ever fails. */
export class Stderr extends Writable {
  readonly #fd: number;

  constructor(fd: number = 2) {
    super();
    this.#fd = fd;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    let attempts = 0;
    for (let written = 0; written < chunk.length && attempts < ATTEMPTS;) {
      try {
        written += writeSync(this.#fd, chunk, written);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') break;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
        attempts++;
      }
    }
    done();
  }
}
