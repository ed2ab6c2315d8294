/** What the page knows the server by: fetch and EventSource, with its cookie. */
import type { PageIo } from '../model/page-client.ts';

export const serverIo: PageIo = {
  now: () => Date.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
  open(url) {
    const source = new EventSource(url);
    return {
      addEventListener: (type, listener) =>
        source.addEventListener(type, (event) => listener(event as MessageEvent<string>)),
      close: () => source.close(),
    };
  },
  async status(path) {
    const answer = await fetch(path, { method: 'HEAD' }).catch(() => null);
    return answer?.status ?? null;
  },
  async rows(path, tag) {
    const headers: Record<string, string> = tag === null ? {} : { 'if-none-match': tag };
    const answer = await fetch(path, { headers, cache: 'no-store' }).catch(() => null);
    if (answer === null || !answer.ok) return null;
    const rows: unknown = await answer.json().catch(() => null);
    return rows === null ? null : { rows, tag: answer.headers.get('etag') };
  },
};
