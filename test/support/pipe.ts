/** A non-blocking pipe(7), the simplest thing that becomes readable when one wants it to. */
import { closeSync, readSync, writeSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { check } from '../../src/sys/errno.ts';
import { bind } from '../../src/sys/library.ts';

const FLAGS = 0o2000000 | 0o4000; // O_CLOEXEC | O_NONBLOCK

export class Pipe {
  readonly readEnd: number;
  readonly writeEnd: number;
  readonly #open = new Set<number>();

  /** Closed at the end of the test. */
  constructor(t: TestContext) {
    const ends = new Int32Array(2);
    check(bind('int pipe2(int *ends, int flags)')(ends, FLAGS), 'pipe2');
    [this.readEnd, this.writeEnd] = ends as unknown as [number, number];
    this.#open.add(this.readEnd).add(this.writeEnd);
    t.after(() => [...this.#open].forEach((end) => this.close(end)));
  }

  write(text: string): void {
    writeSync(this.writeEnd, text);
  }

  /** Everything that is in it. */
  read(): string {
    const buffer = Buffer.alloc(65536);
    return buffer.toString('latin1', 0, readSync(this.readEnd, buffer));
  }

  close(end: number): void {
    if (this.#open.delete(end)) closeSync(end);
  }
}
