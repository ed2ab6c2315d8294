/** A snapshot as it is kept: checked once, then packed bytes until somebody looks. */
import type { WireSnapshot } from '../core.ts';
import { malformed, packed, parsed, unpacked } from '../wire/payload.ts';
import type { Snapshot } from '../wire/snapshot.ts';
import { checkSnapshot } from './message-checks.ts';
import { tight } from './tail.ts';

/** Of a host with some thirty thousand namespaces. */
const MOST = { packed: 16 * 1024 * 1024, json: 64 * 1024 * 1024 } as const;
/** Is never shorter by packing. */
const SMALL = 2048;

export class Base {
  readonly seq: number;
  /** Characters of its JSON. */
  readonly size: number;
  readonly #bytes: Buffer;

  private constructor(seq: number, json: string, bytes: Buffer) {
    this.seq = seq;
    this.size = json.length;
    this.#bytes = bytes;
  }

  /** @throws FleetError `ERR_FLEET_MALFORMED`: no agent makes it */
  static of({ epoch, seq, body }: Snapshot): Base {
    if (body.length > MOST.packed) throw malformed(`a snapshot of at most ${MOST.packed} bytes`);
    const json = unpacked(body, MOST.json);
    if (json.length > MOST.json) throw malformed(`a snapshot of at most ${MOST.json} characters`);
    checkSnapshot(parsed(json), epoch, seq);
    const isPlain = body[0] === 0x7b && body.length > SMALL;
    return new Base(seq, json, tight(isPlain ? packed(json) : body));
  }

  /** Of JSON that was made here. */
  static made(seq: number, json: string): Base {
    return new Base(seq, json, tight(packed(json)));
  }

  json(): string {
    return unpacked(this.#bytes, undefined, this.size);
  }

  snapshot(): WireSnapshot {
    return JSON.parse(this.json()) as WireSnapshot;
  }
}
