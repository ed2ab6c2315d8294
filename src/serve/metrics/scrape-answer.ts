/** A scrape in the format and coding that a client wants. */
import type { IncomingHttpHeaders } from 'node:http';
import { negotiate } from './negotiate.ts';
import type { Scrapes } from './scrapes.ts';

export async function scrapeAnswer(
  scrapes: Scrapes,
  headers: IncomingHttpHeaders,
): Promise<{ contentType: string; gzip: boolean; body: Buffer }> {
  const accepted = headers['accept-encoding'];
  const { format, contentType, gzip } = negotiate(
    headers.accept,
    Array.isArray(accepted) ? accepted.join(',') : accepted,
  );
  return { contentType, gzip, body: await (await scrapes.take()).body(format, gzip) };
}
