/** Clients that read nothing cost a bounded memory, and disturb nobody. */
import { test } from 'node:test';
import { serveDeaf } from './support/deaf.ts';

test('200 clients that read nothing', (t) => serveDeaf(t, 200));
