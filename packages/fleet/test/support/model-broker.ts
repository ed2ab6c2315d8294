/**
 * A broker as fleet-facts tell of it, by rules: what it keeps, in which order, and what of that an
 * agent is told. It stalls (what is sent is kept when it goes on, or lost with the connection), it
 * refuses, it lacks streams, it forgets.
 */
import { NO_ANSWER } from '../../src/nats/publish.ts';
import type { Outcome } from '../../src/nats/publish.ts';
import { HEADS, parseSubject, SNAPSHOTS, streamOf } from '../../src/wire/subjects.ts';
import { keptOf } from './kept.ts';
import type { Kept } from './kept.ts';
import type { ManualClock } from './manual-clock.ts';

export interface Message {
  lane: string;
  subject: string;
  payload: Uint8Array;
  /** When it was sent. */
  sent: number;
}

export type Mode = 'well' | 'stalled' | 'refusing' | 'missing' | 'lossy';

export class ModelBroker {
  mode: Mode = 'well';
  isConnected = false;
  /** All that was ever sent. */
  readonly sent: Message[] = [];
  readonly #clock: ManualClock;
  readonly #timeout: number;
  readonly #lanes = new Map<string, Message[]>();
  readonly #sequences = new Map<string, number>();
  #waiting: { message: Message; answer: (outcome: Outcome) => void }[] = [];

  constructor(clock: ManualClock, timeout: number) {
    this.#clock = clock;
    this.#timeout = timeout;
  }

  send(subject: string, payload: Uint8Array): Promise<Outcome> {
    if (!this.isConnected) return Promise.resolve({ kind: 'unknown', reason: 'not connected' });
    const message = { lane: laneOf(subject), subject, payload, sent: this.#clock.now() };
    this.sent.push(message);
    return new Promise((resolve) => {
      const cancel = this.#clock.after(this.#timeout, () => resolve({ kind: 'unknown', reason: NO_ANSWER }));
      const answer = (outcome: Outcome): void => {
        cancel();
        resolve(outcome);
      };
      if (this.mode === 'stalled') this.#waiting.push({ message, answer });
      else this.#handle(message, answer);
    });
  }

  /** @param isLost what waits is dropped */
  resume(isLost: boolean): void {
    this.mode = 'well';
    const waiting = this.#waiting;
    this.#waiting = [];
    if (!isLost) for (const { message, answer } of waiting) this.#handle(message, answer);
  }

  wipe(): void {
    for (const lane of [...this.#lanes.keys()]) this.remake(lane);
  }

  /** The stream of one lane is another one, and empty. */
  remake(lane: string): void {
    this.#lanes.delete(lane);
    this.#sequences.delete(lane);
  }

  kept(): Kept {
    const of = (lane: string): Uint8Array[] => (this.#lanes.get(lane) ?? []).map(({ payload }) => payload);
    return keptOf(of(HEADS)[0] ?? null, of(SNAPSHOTS), of('deltas-0'));
  }

  #handle(message: Message, answer: (outcome: Outcome) => void): void {
    if (this.mode === 'refusing') return answer({ kind: 'refused', reason: 'no space' });
    if (this.mode === 'missing') return answer({ kind: 'missing', reason: 'no stream' });
    const { lane, subject } = message;
    const all = this.#lanes.get(lane) ?? [];
    const rest = lane === 'deltas-0' ? all : all.filter((other) => other.subject !== subject);
    this.#lanes.set(lane, [...rest, message]);
    const seq = (this.#sequences.get(lane) ?? 0) + 1;
    this.#sequences.set(lane, seq);
    // Its answer does not come.
    if (this.mode !== 'lossy') answer({ kind: 'kept', stream: streamOf(lane), seq });
  }
}

function laneOf(subject: string): string {
  const parsed = parseSubject(subject);
  if (parsed?.kind === 'head') return HEADS;
  if (parsed?.kind === 'snapshot') return SNAPSHOTS;
  if (parsed?.kind === 'delta') return `deltas-${parsed.shard}`;
  throw new Error(`no agent publishes ${subject}`);
}
