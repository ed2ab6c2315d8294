/**
 * Which hook may start when: those that concern the same namespace one after the other in order,
 * others beside each other, up to a number. Holds only so many that wait; whoever adds waits for
 * room.
 */

/**
 * A piece of work. `keys`: what it concerns; null: everything, so that it runs after all before it
 * and before all after it.
 */
export interface Job {
  keys: readonly string[] | null;
  /** Never rejects. */
  run: () => Promise<void>;
}

/** How many may wait. */
export const BACKLOG = 64;

export class HookQueue {
  readonly #most: number;
  readonly #waiting: Job[] = [];
  readonly #running = new Set<Job>();
  #room: (() => void)[] = [];

  /** @param most how many run at a time */
  constructor(most: number) {
    this.#most = most;
  }

  get running(): number {
    return this.#running.size;
  }

  /** Done when there is room for the next. One call at a time. */
  async add(job: Job): Promise<void> {
    this.#waiting.push(job);
    this.#start();
    while (this.#waiting.length >= BACKLOG) await this.#change();
  }

  /** Lets go of those that have not been started. @returns how many */
  drop(): number {
    const dropped = this.#waiting.splice(0).length;
    this.#wake();
    return dropped;
  }

  /** Done when nothing runs or waits. */
  async idle(): Promise<void> {
    while (this.#running.size > 0 || this.#waiting.length > 0) await this.#change();
  }

  #start(): void {
    const taken = new Set<string>();
    for (const { keys } of this.#running) {
      if (keys === null) return;
      for (const key of keys) taken.add(key);
    }
    for (let at = 0; at < this.#waiting.length && this.#running.size < this.#most;) {
      const job = this.#waiting[at] as Job;
      if (job.keys === null) {
        if (at === 0 && this.#running.size === 0) this.#run(job);
        return;
      }
      if (job.keys.some((key) => taken.has(key))) at++;
      else this.#run(job);
      for (const key of job.keys) taken.add(key);
    }
  }

  #run(job: Job): void {
    this.#waiting.splice(this.#waiting.indexOf(job), 1);
    this.#running.add(job);
    void job.run().finally(() => {
      this.#running.delete(job);
      this.#start();
      this.#wake();
    });
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#room.push(resolve));
  }

  #wake(): void {
    const waiters = this.#room;
    this.#room = [];
    for (const wake of waiters) wake();
  }
}
