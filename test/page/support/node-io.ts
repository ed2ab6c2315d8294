/** A page's way to a server, in Node, which has fetch and no EventSource: as much of one as is used. */
import type { PageIo } from '../../../src/page/model/page-client.ts';
import type { Source } from '../../../src/page/model/page-stream.ts';

class FetchedSource implements Source {
  readonly #listeners = new Map<string, (event: { data?: string; lastEventId?: string }) => void>();
  readonly #abort = new AbortController();
  #lastEventId = '';

  constructor(url: string) {
    this.#read(url).then(
      () => this.#tell('error'),
      () => this.#tell('error'),
    );
  }

  addEventListener(type: string, listener: (event: { data?: string; lastEventId?: string }) => void): void {
    this.#listeners.set(type, listener);
  }

  close(): void {
    this.#abort.abort();
  }

  async #read(url: string): Promise<void> {
    const { signal } = this.#abort;
    const answer = await fetch(url, { headers: { accept: 'text/event-stream' }, signal });
    if (answer.status !== 200 || answer.body === null) return;
    this.#tell('open');
    let rest = '';
    for await (const text of answer.body.pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + text).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) this.#block(block);
    }
  }

  #block(block: string): void {
    const fields = new Map(
      block.split('\n').map((line) => {
        const at = line.indexOf(': ');
        return [line.slice(0, at), line.slice(at + 2)] as const;
      }),
    );
    this.#lastEventId = fields.get('id') ?? this.#lastEventId;
    const data = fields.get('data');
    if (data !== undefined) this.#tell(fields.get('event') ?? 'message', data);
  }

  #tell(type: string, data = ''): void {
    if (this.#abort.signal.aborted) return;
    this.#listeners.get(type)?.({ data, lastEventId: this.#lastEventId });
  }
}

/** @param speed how many times quicker its clock goes. @param origin as `http://127.0.0.1:9478` */
export const nodeIo = (origin: () => string, speed = 1): PageIo => ({
  now: () => Date.now() * speed,
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds / speed);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
  open: (url) => new FetchedSource(`${origin()}${url}`),
  async status(path) {
    const answer = await fetch(`${origin()}${path}`, { method: 'HEAD' }).catch(() => null);
    return answer?.status ?? null;
  },
  async rows(path, tag) {
    const headers: Record<string, string> = tag === null ? {} : { 'if-none-match': tag };
    const answer = await fetch(`${origin()}${path}`, { headers }).catch(() => null);
    if (answer === null || !answer.ok) return null;
    return { rows: await answer.json(), tag: answer.headers.get('etag') };
  },
});
