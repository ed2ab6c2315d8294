/**
 * Which hosts are asked for a snapshot, and when: not at once, since it may be on the way; not
 * twice within two seconds, and ever less often where none comes; few in a second for all.
 */
const FIRST = 300;
const AGAIN = 2000;
const LONGEST = 120_000;
const RATE = { burst: 100, perSecond: 50 } as const;

interface Want {
  due: number;
  attempts: number;
}

export class Asks {
  readonly #wants = new Map<string, Want>();
  /** When each was asked last: it may want again at once. */
  readonly #asked = new Map<string, Want>();
  #tokens: number = RATE.burst;
  #at = 0;
  #total = 0;

  get total(): number {
    return this.#total;
  }

  want(key: string, now: number): void {
    if (this.#wants.has(key)) return;
    const last = this.#asked.get(key);
    const due = Math.max(now + FIRST, last?.due ?? 0);
    this.#wants.set(key, { due, attempts: last?.attempts ?? 0 });
  }

  /** What was asked for is there. */
  done(key: string): void {
    const want = this.#wants.get(key);
    if (want === undefined) return;
    this.#wants.delete(key);
    // A host that answers by what does not help is not asked all the time either.
    if (want.attempts > 0) this.#asked.set(key, { due: want.due, attempts: Math.max(0, want.attempts - 2) });
  }

  forget(key: string): void {
    this.#wants.delete(key);
    this.#asked.delete(key);
  }

  /** @param mayAsk whether anybody is there to answer */
  lapse(now: number, mayAsk: (key: string) => boolean, ask: (key: string) => void): void {
    this.#tokens = Math.min(RATE.burst, this.#tokens + ((now - this.#at) * RATE.perSecond) / 1000);
    this.#at = now;
    for (const [key, { due }] of this.#asked) if (due <= now - AGAIN) this.#asked.delete(key);
    for (const [key, want] of this.#wants) {
      if (this.#tokens < 1) return;
      if (want.due > now || !mayAsk(key)) continue;
      this.#tokens--;
      this.#total++;
      want.due = now + Math.min(LONGEST, AGAIN * 2 ** want.attempts);
      want.attempts = Math.min(want.attempts + 1, 10);
      // Behind those that were not asked yet: where there are too many, each has its turn.
      this.#wants.delete(key);
      this.#wants.set(key, want);
      ask(key);
    }
  }
}
