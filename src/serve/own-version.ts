/** The version of nlink, as its package has it: by its name, wherever this file was bundled. */
import { createRequire } from 'node:module';

export const ownVersion = (): string =>
  (createRequire(import.meta.url)('nlink/package.json') as { version: string }).version;
