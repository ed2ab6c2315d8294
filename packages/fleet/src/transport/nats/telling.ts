/**
 * A message of a stream as what it says. Whose it is, its subject says, which the server lets
 * nobody else publish to; what no agent makes is told as malformed, and ends nothing.
 */
import { decodeDelta } from '../../wire/delta.ts';
import { decodeHead } from '../../wire/head.ts';
import { decodePart, SnapshotParts } from '../../wire/snapshot.ts';
import { parseSubject } from '../../wire/subjects.ts';
import type { ParsedSubject } from '../../wire/subjects.ts';
import type { TransportTarget } from '../transport.ts';

export class Telling {
  readonly #target: TransportTarget;
  /** Of a host's head: which stream its deltas are in. */
  readonly #shard: (key: string, shard: string) => void;
  /** Of hosts of which not all parts have come. */
  readonly #parts = new Map<string, SnapshotParts>();

  constructor(target: TransportTarget, shard: (key: string, shard: string) => void) {
    this.#target = target;
    this.#shard = shard;
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
    const parts = this.#parts.get(key) ?? new SnapshotParts();
    const snapshot = parts.add(decodePart(data));
    if (snapshot === null) {
      this.#parts.set(key, parts);
      return () => {};
    }
    this.#parts.delete(key);
    return () => this.#target.snapshot(key, snapshot);
  }
}
