/** Keeps what a transport tells, in its order, and waits for it. */
import { within } from '../../../../../../test/support/wait.ts';
import type { ConnectionState, TransportTarget } from '../../../../src/transport/transport.ts';
import type { Delta } from '../../../../src/wire/delta.ts';
import type { Head } from '../../../../src/wire/head.ts';
import type { Snapshot } from '../../../../src/wire/snapshot.ts';

export type Told =
  | { what: 'head'; key: string; seq: number; age: number }
  | { what: 'delta'; key: string; first: number; count: number }
  | { what: 'snapshot'; key: string; seq: number; body: Buffer }
  | { what: 'malformed'; key: string; error: Error }
  | { what: 'connection'; state: ConnectionState; reason: string | null };

export class Target implements TransportTarget {
  readonly told: Told[] = [];
  #changed: () => void = () => {};

  get state(): ConnectionState | undefined {
    return this.of('connection').at(-1)?.state;
  }

  of<W extends Told['what']>(what: W): Extract<Told, { what: W }>[] {
    return this.told.filter((one): one is Extract<Told, { what: W }> => one.what === what);
  }

  head(key: string, { seq }: Head, age: number): void {
    this.#take({ what: 'head', key, seq, age });
  }

  delta(key: string, { first, events }: Delta): void {
    this.#take({ what: 'delta', key, first, count: events.length });
  }

  snapshot(key: string, { seq, body }: Snapshot): void {
    this.#take({ what: 'snapshot', key, seq, body });
  }

  malformed(key: string, error: Error): void {
    this.#take({ what: 'malformed', key, error });
  }

  connection(state: ConnectionState, reason: string | null): void {
    this.#take({ what: 'connection', state, reason });
  }

  /** Done when it holds, asked at each message. */
  async until(what: string, condition: () => boolean): Promise<void> {
    const holds = new Promise<void>((resolve) => {
      this.#changed = () => condition() && resolve();
    });
    this.#changed();
    await within(what, holds);
  }

  #take(told: Told): void {
    this.told.push(told);
    this.#changed();
  }
}
