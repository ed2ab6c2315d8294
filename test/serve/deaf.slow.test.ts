/** As deaf.live.test.ts, with more. */
import { test } from 'node:test';
import { serveDeaf } from './support/deaf.ts';

test('1,000 clients that read nothing', (t) => serveDeaf(t, 1000));
