/**
 * What becomes of what is published, stream by stream. It tells once what is refused or missing,
 * and once that it is right again; and finds that a store is another than it was:
 *
 * | a message is                          | means                                    |
 * | ------------------------------------- | ---------------------------------------- |
 * | kept, by a number above the last one  | all is well                              |
 * | kept, by a number no higher           | the stream was made anew, or lost some   |
 * | kept, after the stream was missing    | the stream was made anew                 |
 * | kept, after nothing was answered      | it may have been made anew               |
 * | not answered in time                  | the server stands still; or the account  |
 * |                                       | imports the subject, and there is no     |
 * |                                       | stream: then the server (2.9.10) does    |
 * |                                       | not say that nobody listens              |
 */
import { NO_ANSWER } from '../nats/publish.ts';
import type { Outcome } from '../nats/publish.ts';

export interface LanesIo {
  onMissing: (stream: string) => void;
  onRefused: (stream: string, reason: string) => void;
  onUnanswered: (stream: string) => void;
  onRestored: (stream: string) => void;
  /** Of what was published before nothing may be left. */
  onRenewed: (stream: string) => void;
}

interface Lane {
  seq: number;
  fault: string | null;
  /** `missing`, or not answered: it may be another when it is back. */
  isAway: boolean;
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
    const lane = this.#lanes.get(stream) ?? { seq: 0, fault: null, isAway: false, isMissing: false };
    this.#lanes.set(stream, lane);
    if (outcome.kind === 'kept') this.#kept(stream, lane, outcome.seq);
    else if (outcome.kind !== 'unknown' || outcome.reason === NO_ANSWER)
      this.#failed(stream, lane, outcome.kind, outcome.reason);
    return outcome;
  }

  #kept(stream: string, lane: Lane, seq: number): void {
    const { fault, isAway } = lane;
    const isRenewed = isAway || seq <= lane.seq;
    lane.seq = seq;
    lane.fault = null;
    lane.isAway = false;
    lane.isMissing = false;
    if (fault !== null) this.#io.onRestored(stream);
    if (isRenewed) this.#io.onRenewed(stream);
  }

  #failed(stream: string, lane: Lane, kind: 'refused' | 'missing' | 'unknown', reason: string): void {
    if (kind !== 'refused') lane.isAway = true;
    lane.isMissing = kind === 'missing';
    if (lane.fault === reason) return;
    lane.fault = reason;
    if (kind === 'missing') this.#io.onMissing(stream);
    else if (kind === 'unknown') this.#io.onUnanswered(stream);
    else this.#io.onRefused(stream, reason);
  }
}
