/** Clients that read nothing cost a bounded memory, and disturb nobody. */
import { test } from 'node:test';
import { serveDeaf } from './support/deaf.ts';

for (const listen of ['127.0.0.1:0', 'unix:/run/nlink.sock'])
  test(`200 clients that read nothing, on ${listen}`, (t) => serveDeaf(t, 200, listen, false));
