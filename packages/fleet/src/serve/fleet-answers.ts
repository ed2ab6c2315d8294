/**
 * What is answered to a request that was let in:
 *
 * | path                      | answer                                                            |
 * | ------------------------- | ----------------------------------------------------------------- |
 * | `/`, `/page.js`, …        | the page; `ETag`                                                  |
 * | `/v1/hosts`               | an array; `ETag`                                                  |
 * | `/v1/hosts/ID`            | one; `ETag`                                                       |
 * | `/v1/hosts/ID/namespaces` | rows as `nlink serve` of that host has them; `ETag`               |
 * | `/v1/hosts/ID/links`      | the same of links                                                 |
 * | `/v1/search?q=WORDS`      | what is found on all hosts: search/                               |
 * | `/v1/events?open=ID,ID`   | the stream: messages.ts                                           |
 * | `/sd`                     | for Prometheus: sd.ts; 503 before all hosts are known, so that    |
 * |                           | Prometheus goes on with what it knew                              |
 * | `/metrics`                | for Prometheus                                                    |
 * | `/healthz`, `/readyz`     | whether it answers; whether the connection is live                |
 */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  answerStream,
  later,
  notFound,
  Outgoing,
  percentDecoded,
  safeJson,
  scrapeAnswer,
  Scrapes,
  send,
  sendFile,
  sendJson,
  sendLong,
  systemClock,
  TEXT_TYPE,
} from '../core.ts';
import type { Admitted, PageFile, WireSnapshot } from '../core.ts';
import type { FleetHub } from './fleet-hub.ts';
import { fleetFamilies } from './fleet-metrics.ts';
import type { FleetMetrics } from './fleet-metrics.ts';
import type { FleetWatcher } from '../fleet-watcher.ts';
import type { FleetHost } from '../reader/fleet-types.ts';
import { hostRow } from './host-row.ts';
import { targetGroups } from './sd.ts';
import type { FleetSearch } from './search/fleet-search.ts';

const HOSTS = '/v1/hosts/';
/** So many hosts may be open on one stream. */
const MOST_OPEN = 16;

export interface FleetAnswerParts {
  source: FleetWatcher;
  hub: FleetHub;
  metrics: FleetMetrics;
  search: FleetSearch;
  /** By their paths. */
  page: ReadonlyMap<string, PageFile>;
}

export class FleetAnswers {
  readonly #parts: FleetAnswerParts;
  readonly #scrapes: Scrapes;
  readonly #outgoing = new Outgoing(systemClock);

  constructor(parts: FleetAnswerParts) {
    this.#parts = parts;
    this.#scrapes = new Scrapes(async () => fleetFamilies(parts.metrics));
  }

  async answer(request: IncomingMessage, response: ServerResponse, admitted: Admitted): Promise<void> {
    const { page, source } = this.#parts;
    const { path, query } = admitted;
    const file = page.get(path);
    if (file !== undefined) return sendFile(request, response, file);
    switch (path) {
      case '/v1/hosts':
        return this.#rows(request, response);
      case '/v1/search':
        return this.#search(request, response, query.get('q') ?? '');
      case '/v1/events':
        return this.#events(request, response, query);
      case '/sd':
        if (source.connection === 'connecting')
          return later(request, response, 'not all hosts are known yet');
        return this.#json(request, response, targetGroups(source.hosts()));
      case '/metrics':
        return this.#metrics(request, response);
      case '/healthz':
        return send(request, response, TEXT_TYPE, 'ok\n');
      case '/readyz': {
        const isReady = source.connection === 'live';
        if (!isReady) response.statusCode = 503;
        return send(request, response, TEXT_TYPE, isReady ? 'ready\n' : `not ready: ${source.connection}\n`);
      }
    }
    if (!path.startsWith(HOSTS)) return notFound(request, response);
    const [segment = '', of, ...more] = path.slice(HOSTS.length).split('/');
    const host = source.host(percentDecoded(segment)?.toString('latin1') ?? '');
    if (host === null || more.length > 0) return notFound(request, response);
    if (of === undefined) return this.#json(request, response, hostRow(host, Date.now()));
    if (of !== 'namespaces' && of !== 'links') return notFound(request, response);
    return this.#picture(request, response, host, of);
  }

  #rows(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const now = Date.now();
    const rows = this.#parts.source.hosts().map((host) => hostRow(host, now));
    return this.#json(request, response, rows);
  }

  async #picture(
    request: IncomingMessage,
    response: ServerResponse,
    { id }: FleetHost,
    of: 'namespaces' | 'links',
  ): Promise<void> {
    const snapshot = this.#parts.source.snapshot(id);
    if (snapshot === null) return later(request, response, 'what is on this host has not come yet');
    return this.#json(request, response, (JSON.parse(snapshot.json) as WireSnapshot)[of]);
  }

  async #search(request: IncomingMessage, response: ServerResponse, query: string): Promise<void> {
    return this.#json(request, response, await this.#parts.search.find(query));
  }

  #events(request: IncomingMessage, response: ServerResponse, query: URLSearchParams): void {
    const { hub } = this.#parts;
    const open = [...new Set((query.get('open') ?? '').split(',').filter((id) => id !== ''))];
    if (open.length > MOST_OPEN) {
      response.statusCode = 400;
      return send(request, response, TEXT_TYPE, `at most ${MOST_OPEN} hosts may be open\n`);
    }
    answerStream(request, response, query, {
      isFull: hub.isFull,
      limit: hub.limit,
      add: (sink, format, cursor) => hub.add(sink, format, cursor, open),
      drained: (client) => hub.drained(client),
      remove: (client) => hub.remove(client),
    });
  }

  async #metrics(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { contentType, gzip, body } = await scrapeAnswer(this.#scrapes, request.headers);
    response.setHeader('vary', 'accept, accept-encoding');
    if (gzip) response.setHeader('content-encoding', 'gzip');
    sendLong(request, response, this.#outgoing, contentType, body);
  }

  async #json(request: IncomingMessage, response: ServerResponse, value: unknown): Promise<void> {
    const json = safeJson(value);
    const tag = `"${createHash('sha256').update(json).digest('base64url')}"`;
    return sendJson(request, response, this.#outgoing, json, tag);
  }
}
