/**
 * What becomes of what is published, stream by stream. It tells once what is refused or missing, and
 * once that it is right again; and finds that a store is another than it was:
 *
 * | a message is                          | means                                    |
 * | ------------------------------------- | ---------------------------------------- |
 * | kept, by a number above the last one  | all is well                              |
 * | kept, by a number no higher           | the stream was made anew, or lost some   |
 * | kept, after the stream was missing    | the stream was made anew                 |
 */
import type { Outcome } from '../nats/publish.ts';

export interface LanesIo {
  onMissing: (stream: string) => void;
  onRefused: (stream: string, reason: string) => void;
  onRestored: (stream: string) => void;
  /** Of what was published before nothing may be left. */
  onRenewed: (stream: string) => void;
}

interface Lane {
  seq: number;
  fault: string | null;
  isMissing: boolean;
}

export class Lanes {
  readonly #io: LanesIo;
  readonly #lanes = new Map<string, Lane>();

  constructor(io: LanesIo) {
    this.#io = io;
  }

  get missing(): string[] {
    return [...this.#lanes].flatMap(([stream, { isMissing }]) => (isMissing ? [stream] : []));
  }

  /** One of those that are not missing; null: none is refused. */
  get refused(): string | null {
    for (const [stream, { fault, isMissing }] of this.#lanes)
      if (fault !== null && !isMissing) return `${stream}: ${fault}`;
    return null;
  }

  /** @returns the same */
  heed(stream: string, outcome: Outcome): Outcome {
    const lane = this.#lanes.get(stream) ?? { seq: 0, fault: null, isMissing: false };
    this.#lanes.set(stream, lane);
    if (outcome.kind === 'kept') this.#kept(stream, lane, outcome.seq);
    else if (outcome.kind !== 'unknown') this.#failed(stream, lane, outcome.kind, outcome.reason);
    return outcome;
  }

  #kept(stream: string, lane: Lane, seq: number): void {
    const { fault, isMissing } = lane;
    const isRenewed = isMissing || seq <= lane.seq;
    lane.seq = seq;
    lane.fault = null;
    lane.isMissing = false;
    if (fault !== null) this.#io.onRestored(stream);
    if (isRenewed) this.#io.onRenewed(stream);
  }

  #failed(stream: string, lane: Lane, kind: 'refused' | 'missing', reason: string): void {
    if (lane.fault === reason) return;
    lane.fault = reason;
    if (kind === 'missing') lane.isMissing = true;
    if (kind === 'missing') this.#io.onMissing(stream);
    else this.#io.onRefused(stream, reason);
  }
}
