/** A disk so small that it can be filled: a tmpfs. */
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { output } from '../../../../../test/world/support/programs.ts';

const MIB = 1024 * 1024;
let count = 0;

export class SmallDisk {
  readonly path: string = `/run/disk-${++count}`;
  readonly #filler: string = join(this.path, 'filler');

  static async make(): Promise<SmallDisk> {
    const disk = new SmallDisk();
    mkdirSync(disk.path);
    await output('mount', '-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', disk.path);
    return disk;
  }

  /** Until not one byte more goes in. */
  fill(): void {
    const file = openSync(this.#filler, 'w');
    try {
      for (let size = MIB; size >= 1; size = Math.floor(size / 2)) writeUntilFull(file, Buffer.alloc(size));
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    rmSync(this.#filler);
  }
}

function writeUntilFull(file: number, bytes: Buffer): void {
  try {
    while (writeSync(file, bytes) === bytes.length);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}
