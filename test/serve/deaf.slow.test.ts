/** As deaf.live.test.ts, with more. */
import { test } from 'node:test';
import { serveDeaf } from './support/deaf.ts';

for (const listen of ['127.0.0.1:0', 'unix:/run/nlink.sock'])
  test(`1,000 clients that read nothing, on ${listen}`, (t) => serveDeaf(t, 1000, listen, true));
