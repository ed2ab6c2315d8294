/**
 * One inotify(7) instance: add and remove watches, read a batch of records, see an overflow.
 * Non-blocking; {@link Inotify.onReadable} says when to read. Watch descriptors only grow and
 * are never used again within an instance.
 */
import { check, errno } from '../sys/errno.ts';
import type { ReadinessHandle, ReadinessListener } from '../sys/readiness.ts';
import type { CPath, System } from '../sys/system.ts';
import { MAX_RECORD_SIZE, RecordCursor } from './records.ts';

/**
 * Room for one read: some 2,000 short names, and never less than the 272 bytes of the longest
 * record.
 */
const BATCH_SIZE = 64 * 1024;

export class Inotify {
  /** The records of the last {@link read}. */
  readonly records: RecordCursor;
  readonly #system: System;
  /**
   * Whether the last {@link read} has taken all that was queued: read(2) gives as many records as
   * fit, so that what leaves room for another was all.
   */
  isDrained = false;
  readonly #batch: Uint8Array;
  #fd: number;
  #readiness: ReadinessHandle | null = null;

  /**
   * @param batchSize bytes of one read, at least {@link MAX_RECORD_SIZE}
   * @throws SystemError `EMFILE` with the sysctl to raise, `ENOMEM`
   */
  constructor(system: System, batchSize: number = BATCH_SIZE) {
    this.#system = system;
    this.#batch = new Uint8Array(batchSize);
    this.#fd = check(system.inotifyInit(), 'inotify_init1');
    this.records = new RecordCursor(this.#batch);
  }

  /**
   * inotify_add_watch(2).
   * @returns the watch descriptor: the old one, with its mask replaced, where the same inode is
   *   watched already; `-errno`
   */
  add(path: CPath, mask: number): number {
    return this.#system.inotifyAddWatch(this.#fd, path, mask);
  }

  /** inotify_rm_watch(2). A watch that the kernel has dropped already is no error. */
  remove(wd: number): void {
    this.#system.inotifyRmWatch(this.#fd, wd);
  }

  /**
   * Reads one batch into {@link records}, overwriting the last.
   * @returns whether there was anything
   * @throws SystemError what read(2) gives, other than EAGAIN
   */
  read(): boolean {
    const length = this.#system.read(this.#fd, this.#batch);
    this.isDrained = length <= this.#batch.length - MAX_RECORD_SIZE;
    if (length === -errno.EAGAIN) {
      this.records.reset(0);
      return false;
    }
    this.records.reset(check(length, 'read'));
    return length > 0;
  }

  /** Bytes of records that wait in the kernel. */
  get queued(): number {
    return check(this.#system.bytesReadable(this.#fd), 'ioctl');
  }

  /** Calls `listener` whenever there is something to read. At most one listener. */
  onReadable(listener: ReadinessListener): ReadinessHandle {
    this.#readiness ??= this.#system.onReadable(this.#fd, listener);
    return this.#readiness;
  }

  /** Frees everything. Idempotent. */
  close(): void {
    if (this.#fd < 0) return;
    this.#readiness?.close();
    this.#system.close(this.#fd);
    this.#fd = -1;
  }
}
