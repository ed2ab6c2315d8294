/**
 * What is answered to a request that was let in:
 *
 * | path                          | answer                                                       |
 * | ----------------------------- | ------------------------------------------------------------ |
 * | `/`, `/page.js`, …            | the page: page.ts; `ETag`                                    |
 * | `/metrics`                    | for Prometheus                                               |
 * | `/v1/namespaces`              | an array; `ETag`                                             |
 * | `/v1/namespaces/WORD`         | one: find-namespace.ts, with what is read now; `ETag`        |
 * | `/v1/namespaces/WORD/holders` | what keeps it alive                                          |
 * | `/v1/links`                   | an array; `ETag`                                             |
 * | `/v1/links?addresses`         | the same with addresses, as they were read less than 2 s ago |
 * | `/v1/events`                  | the stream: events/                                          |
 * | `/healthz`, `/readyz`         | whether it answers; whether it follows what happens          |
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createHash } from 'node:crypto';
import { decodeName } from '../../reference/names.ts';
import { cursorText } from '../events/cursor.ts';
import type { Feed } from '../events/feed.ts';
import { foundAlive } from '../events/find-namespace.ts';
import type { HolderLooks } from '../holder-looks.ts';
import type { Hub } from '../events/hub.ts';
import type { LinkReadings } from '../events/link-readings.ts';
import type { View } from '../events/view.ts';
import { collect } from '../metrics/metrics.ts';
import type { MetricsOptions, MetricsSource } from '../metrics/metrics.ts';
import { scrapeAnswer } from '../metrics/scrape-answer.ts';
import { Scrapes } from '../metrics/scrapes.ts';
import type { Admitted } from './gate.ts';
import { Outgoing } from './outgoing.ts';
import type { PageFile } from './page.ts';
import { percentDecoded } from './percent-decoded.ts';
import { sendJson } from './packed-answer.ts';
import { later, notFound, send, sendFile, sendLong, TEXT_TYPE } from './sending.ts';
import { answerStream } from './stream-answer.ts';
import { systemClock } from '../../watch/stream/clock.ts';
import type { InventoryEntry } from '../../watch/unified/unified-events.ts';

const ONE = '/v1/namespaces/';
/** When links were read (find-namespace.ts): a name has no such text in JSON. */
const READ = /"read":"[^"]*",/;
const HOLDERS = '/holders';

export interface AnswerParts {
  feed: Feed;
  view: View;
  hub: Hub;
  source: MetricsSource;
  metrics: MetricsOptions;
  readings: LinkReadings;
  holders: HolderLooks;
  /** By their paths. */
  page: ReadonlyMap<string, PageFile>;
}

export class Answers {
  readonly #parts: AnswerParts;
  readonly #scrapes: Scrapes;
  readonly #outgoing = new Outgoing(systemClock);
  /** Whether the watcher is followed. */
  isReady = false;

  constructor(parts: AnswerParts) {
    this.#parts = parts;
    this.#scrapes = new Scrapes(() => collect(parts.source, parts.metrics));
  }

  async answer(request: IncomingMessage, response: ServerResponse, admitted: Admitted): Promise<void> {
    const { view, page, hub } = this.#parts;
    const { path } = admitted;
    const file = page.get(path);
    if (file !== undefined) return sendFile(request, response, file);
    switch (path) {
      case '/metrics':
        return this.#metrics(request, response);
      case '/v1/namespaces':
        return this.#json(request, response, (entries) => view.namespaces(entries));
      case '/v1/links':
        if (admitted.query.has('addresses')) return this.#addresses(request, response);
        return this.#json(request, response, (entries) => view.links(entries));
      case '/v1/events':
        return answerStream(request, response, admitted.query, hub);
      case '/healthz':
        return send(request, response, TEXT_TYPE, 'ok\n');
      case '/readyz':
        if (!this.isReady) response.statusCode = 503;
        return send(request, response, TEXT_TYPE, this.isReady ? 'ready\n' : 'not ready\n');
    }
    if (!path.startsWith(ONE)) return notFound(request, response);
    const rest = path.slice(ONE.length);
    const isOfHolders = rest.endsWith(HOLDERS);
    const bytes = percentDecoded(isOfHolders ? rest.slice(0, -HOLDERS.length) : rest);
    if (bytes === null || bytes.length === 0) return notFound(request, response);
    const word = decodeName(bytes);
    return isOfHolders ? this.#holders(request, response, word) : this.#one(request, response, word);
  }

  async #one(request: IncomingMessage, response: ServerResponse, word: string): Promise<void> {
    const { view, feed, readings } = this.#parts;
    const entries = view.look();
    const entry = foundAlive(word, entries);
    const reading = entry === null || entry.linksState === undefined ? null : await readings.of(entry);
    // It was so when it was read: links may have come and gone since.
    const json = view.namespace(entries, word, reading);
    if (json === null) return notFound(request, response);
    const { epoch, revision } = feed;
    // Counters are no part of the revision. When they were read says nothing of what they are.
    const digest = createHash('sha256').update(json.replace(READ, '')).digest('hex').slice(0, 16);
    const tag = `"${cursorText({ epoch, seq: revision })}:${digest}"`;
    return sendJson(request, response, this.#outgoing, json, tag);
  }

  async #addresses(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { view, readings } = this.#parts;
    const addresses = await readings.all(view.look());
    return sendJson(request, response, this.#outgoing, view.addresses(view.look(), addresses), null);
  }

  async #json(
    request: IncomingMessage,
    response: ServerResponse,
    make: (entries: readonly InventoryEntry[]) => string | null,
  ): Promise<void> {
    const entries = this.#parts.view.look();
    const { epoch, revision } = this.#parts.feed;
    const tag = `"${cursorText({ epoch, seq: revision })}"`;
    const json = make(entries);
    if (json === null) return notFound(request, response);
    return sendJson(request, response, this.#outgoing, json, tag);
  }

  async #holders(request: IncomingMessage, response: ServerResponse, word: string): Promise<void> {
    const { view, holders } = this.#parts;
    const namespace = foundAlive(word, view.look())?.namespace ?? null;
    if (namespace === null) return notFound(request, response);
    const look = holders.of(namespace);
    if (look === null) return later(request, response, 'others are being looked for');
    return sendJson(request, response, this.#outgoing, await look, null);
  }

  async #metrics(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { contentType, gzip, body } = await scrapeAnswer(this.#scrapes, request.headers);
    response.setHeader('vary', 'accept, accept-encoding');
    if (gzip) response.setHeader('content-encoding', 'gzip');
    sendLong(request, response, this.#outgoing, contentType, body);
  }
}
