/**
 * Reads a stream of events as a program would, and fails where it breaks its promises: nothing twice,
 * nothing missing, nothing older after a snapshot.
 */
import { strict as assert } from 'node:assert';
import { cursorOf } from '../../../src/serve/events/cursor.ts';

export type Fields = Record<string, unknown>;

export class StreamReader {
  /** What a client says when it comes back; null: nothing came yet. */
  cursor: string | null = null;
  snapshots = 0;
  events = 0;
  /** The last message that is neither a snapshot nor events. */
  last: string | null = null;
  readonly #onSnapshot: (snapshot: Fields) => void;
  readonly #onEvent: (event: Fields) => void;
  #rest = '';

  constructor(
    onSnapshot: (snapshot: Fields) => void = () => {},
    onEvent: (event: Fields) => void = () => {},
  ) {
    this.#onSnapshot = onSnapshot;
    this.#onEvent = onEvent;
  }

  get seq(): number {
    return this.cursor === null ? 0 : (cursorOf(this.cursor)?.seq ?? assert.fail(this.cursor));
  }

  /** Another connection: half a message of the last one is lost. */
  reconnected(): void {
    this.#rest = '';
  }

  /** Of an SSE stream. */
  sse(text: string): void {
    this.#rest += text;
    for (let end = this.#rest.indexOf('\n\n'); end >= 0; end = this.#rest.indexOf('\n\n')) {
      this.#block(this.#rest.slice(0, end));
      this.#rest = this.#rest.slice(end + 2);
    }
  }

  /** Of an NDJSON stream. */
  ndjson(text: string): void {
    this.#rest += text;
    for (let end = this.#rest.indexOf('\n'); end >= 0; end = this.#rest.indexOf('\n')) {
      const { id, ...fields } = JSON.parse(this.#rest.slice(0, end)) as Fields & { id?: string };
      this.#rest = this.#rest.slice(end + 1);
      if (fields['type'] === 'snapshot') this.#snapshot(id ?? '', fields);
      else if (id === undefined) this.last = String(fields['type']);
      else this.#take(id, [fields]);
    }
  }

  #block(block: string): void {
    const fields = new Map(block.split('\n').map((line): [string, string] => split(line)));
    const type = fields.get('event');
    if (type === undefined) return;
    const data: unknown = JSON.parse(fields.get('data') ?? '');
    const id = fields.get('id');
    if (type === 'snapshot') this.#snapshot(id ?? '', data as Fields);
    else if (type === 'events') this.#take(id ?? '', data as Fields[]);
    else {
      assert.equal(id, undefined);
      this.last = type;
    }
  }

  #snapshot(id: string, fields: Fields): void {
    this.cursor = id;
    this.snapshots++;
    assert.equal(fields['seq'], this.seq);
    this.#onSnapshot(fields);
  }

  #take(id: string, events: readonly Fields[]): void {
    const before = this.seq;
    assert.ok(this.cursor !== null, 'events before any snapshot');
    this.cursor = id;
    assert.equal(this.seq, before + events.length, 'an event is missing, or came twice');
    this.events += events.length;
    for (const event of events) this.#onEvent(event);
  }
}

function split(line: string): [string, string] {
  const at = line.indexOf(': ');
  return [line.slice(0, at), line.slice(at + 2)];
}
