/** One who follows the stream of a fleet's server as a program would: messages, in order. */
import { strict as assert } from 'node:assert';
import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { TestContext } from 'node:test';
import { waitFor, within } from '../../../../../test/support/wait.ts';

export interface StreamMessage {
  type: string;
  /** Null: it has none. */
  id: string | null;
  data: unknown;
}

type Fields = Record<string, unknown>;

export class FleetStream {
  readonly messages: StreamMessage[] = [];
  readonly #response: IncomingMessage;
  isClosed = false;
  #rest = '';

  private constructor(response: IncomingMessage, isSse: boolean) {
    this.#response = response;
    response.setEncoding('utf8');
    response.on('data', (text: string) => (isSse ? this.#sse(text) : this.#ndjson(text)));
    response.on('error', () => {});
    response.on('close', () => (this.isClosed = true));
  }

  static async open(
    t: Pick<TestContext, 'after'>,
    port: number,
    path = '/v1/events',
    headers: Record<string, string> = {},
  ): Promise<FleetStream> {
    const response = await within(
      path,
      new Promise<IncomingMessage>((resolve, reject) => {
        get({ host: '127.0.0.1', port, path, headers, agent: false }, resolve).on('error', reject);
      }),
    );
    assert.equal(response.statusCode, 200);
    const isSse = response.headers['content-type']?.startsWith('text/event-stream') === true;
    const stream = new FleetStream(response, isSse);
    t.after(() => stream.close());
    return stream;
  }

  /** Messages of a type, as their data. */
  of<T = Fields>(type: string): T[] {
    return this.messages.filter((message) => message.type === type).map(({ data }) => data as T);
  }

  /** All that `events` had, one by one. */
  get events(): Fields[] {
    return this.of<Fields[]>('events').flat();
  }

  get cursor(): string {
    return this.messages.findLast(({ id }) => id !== null)?.id ?? '';
  }

  async until(what: string, condition: () => boolean): Promise<void> {
    await waitFor(what, condition);
  }

  close(): void {
    this.#response.destroy();
  }

  #sse(text: string): void {
    this.#rest += text;
    for (let end = this.#rest.indexOf('\n\n'); end >= 0; end = this.#rest.indexOf('\n\n')) {
      const fields = new Map<string, string>();
      for (const line of this.#rest.slice(0, end).split('\n')) {
        const at = line.indexOf(': ');
        fields.set(line.slice(0, at), line.slice(at + 2));
      }
      this.#rest = this.#rest.slice(end + 2);
      const [type, data] = [fields.get('event'), fields.get('data')];
      if (type !== undefined && data !== undefined)
        this.messages.push({ type, id: fields.get('id') ?? null, data: JSON.parse(data) as unknown });
    }
  }

  /** Events of the fleet come one by one. */
  #ndjson(text: string): void {
    this.#rest += text;
    for (let end = this.#rest.indexOf('\n'); end >= 0; end = this.#rest.indexOf('\n')) {
      const { id = null, ...data } = JSON.parse(this.#rest.slice(0, end)) as Fields & { id?: string | null };
      this.#rest = this.#rest.slice(end + 1);
      const isOne = id !== null && data['type'] !== 'snapshot';
      this.messages.push({ type: isOne ? 'events' : String(data['type']), id, data: isOne ? [data] : data });
    }
  }
}
