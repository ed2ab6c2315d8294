/**
 * nlink as it is published: of this checkout, or of the one that the environment variable
 * NLINK_BENCH_BUILD names.
 */
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const checkout = process.env.NLINK_BENCH_BUILD ?? fileURLToPath(new URL('../..', import.meta.url));

export const nlink = await import(pathToFileURL(resolve(checkout, 'dist', 'index.js')).href);
