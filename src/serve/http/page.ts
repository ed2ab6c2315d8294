/**
 * The files of the page, as scripts/page.js makes them, read once when a server opens.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DIRECTIONS } from './directions.ts';

export interface PageFile {
  type: string;
  /** Strong, with its quotes. */
  tag: string;
  bytes: Buffer;
}

const TYPES = {
  'index.html': 'text/html; charset=utf-8',
  'page.js': 'text/javascript; charset=utf-8',
  'page.css': 'text/css; charset=utf-8',
} as const;

/** Beside what it belongs to; from the command, and unbundled, one above. */
const PLACES = ['./page/index.html', '../page/index.html'];

/**
 * By their paths. Where they are missing, as in a bundle of others, `/` says where the data is.
 * @param beside the URL of the module that they lie beside, or beside whose directory
 */
export function readPage(
  beside: string = import.meta.url,
  directions: string = DIRECTIONS,
): ReadonlyMap<string, PageFile> {
  const directory = findPage(beside);
  if (directory === null) return new Map([['/', fileOf(TYPES['index.html'], Buffer.from(directions))]]);
  return new Map(
    Object.entries(TYPES).map(([name, type]) => [
      name === 'index.html' ? '/' : `/${name}`,
      fileOf(type, readFileSync(join(directory, name))),
    ]),
  );
}

function fileOf(type: string, bytes: Buffer): PageFile {
  return { type, tag: `"${createHash('sha256').update(bytes).digest('base64url')}"`, bytes };
}

function findPage(beside: string): string | null {
  const { resolve } = createRequire(beside);
  for (const place of PLACES) {
    try {
      return dirname(resolve(place));
    } catch {
      // Not there.
    }
  }
  return null;
}
