/**
 * A message of a stream as what it says. Whose it is, its subject says, which the server lets
 * nobody else publish to; what no agent makes is told as malformed, and ends nothing.
 */
import type { Clock } from '../../core.ts';
import { decodeDelta } from '../../wire/delta.ts';
import { decodeHead } from '../../wire/head.ts';
import { decodePart, SnapshotParts } from '../../wire/snapshot.ts';
import { parseSubject } from '../../wire/subjects.ts';
import type { ParsedSubject } from '../../wire/subjects.ts';
import type { TransportTarget } from '../transport.ts';

/** Of a snapshot: how long its next part is waited for. Its agent may be gone for good. */
const PATIENCE = 60_000;

export class Telling {
  readonly #target: TransportTarget;
  /** Of a host's head: which stream its deltas are in. */
  readonly #shard: (key: string, shard: string) => void;
  readonly #clock: Clock;
  /** Of hosts of which not all parts have come; the one that was heard of last is the last one. */
  readonly #parts = new Map<string, { parts: SnapshotParts; at: number }>();

  constructor(target: TransportTarget, shard: (key: string, shard: string) => void, clock: Clock) {
    this.#target = target;
    this.#shard = shard;
    this.#clock = clock;
  }

  message(subject: string, data: Uint8Array, age: number): void {
    const parsed = parseSubject(subject);
    if (parsed === null || parsed.kind === 'mark') return;
    let tell: () => void;
    try {
      tell = this.#read(parsed, data, age);
    } catch (error) {
      tell = () => this.#target.malformed(parsed.key, error as Error);
    }
    tell();
  }

  #read(parsed: Exclude<ParsedSubject, { kind: 'mark' }>, data: Uint8Array, age: number): () => void {
    const { kind, key } = parsed;
    if (kind === 'head') {
      const head = decodeHead(data);
      return () => {
        this.#shard(key, head.shard);
        this.#target.head(key, head, age);
      };
    }
    if (kind === 'delta') {
      const delta = decodeDelta(data);
      return () => this.#target.delta(key, delta);
    }
    const part = decodePart(data);
    const parts = this.#partsOf(key);
    const snapshot = parts.add(part);
    if (snapshot === null) {
      this.#parts.set(key, { parts, at: this.#clock.now() });
      return () => {};
    }
    return () => this.#target.snapshot(key, snapshot);
  }

  /** Taken out, as are those that were waited for too long. */
  #partsOf(key: string): SnapshotParts {
    const { parts } = this.#parts.get(key) ?? { parts: new SnapshotParts() };
    this.#parts.delete(key);
    for (const [other, { at }] of this.#parts) {
      if (this.#clock.now() - at < PATIENCE) break;
      this.#parts.delete(other);
    }
    return parts;
  }
}
