/** Other hosts from now on, by a server that says that nothing happens: who says goodbye, and who does not. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { waitFor } from '../../../../../test/support/wait.ts';
import { httpTransport } from '../../../src/transport/http/http-transport.ts';

const EPOCH = '0123456789abcdef';
const SNAPSHOT = { type: 'snapshot', epoch: EPOCH, seq: 7, directory: '/', unavailable: [] };
const TEXT = `event: snapshot\nid: ${EPOCH}:7\ndata: ${JSON.stringify({ ...SNAPSHOT, namespaces: [], links: [] })}\n\n`;

/** @returns its URL; whatever is asked for is a stream that begins with a snapshot */
async function served(
  t: TestContext,
  onRequest: (request: IncomingMessage) => void = () => {},
): Promise<string> {
  const server = createServer((request, response) => {
    onRequest(request);
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(TEXT);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('the same host asked in another way says no goodbye; one that is not in the list does', async (t) => {
  const tokens: (string | undefined)[] = [];
  const [a, b] = [await served(t, ({ headers }) => tokens.push(headers.authorization)), await served(t)];
  const told: string[] = [];
  const transport = httpTransport({ hosts: [{ name: 'a', url: a }] });
  t.after(() => transport.stop());
  await transport.start({
    head: (_, { name, bye }) => told.push(bye ? `${name} bye` : name),
    delta: () => {},
    snapshot: () => {},
    malformed: (_, error) => told.push(error.message),
    connection: (state) => told.push(state),
  });
  assert.deepEqual(told.splice(0), ['connecting', 'a', 'live']);
  transport.setHosts([
    { name: 'a', url: a },
    { name: 'b', url: b },
  ]);
  await waitFor('the second one', () => told.includes('b'));
  // What is the same goes on: nobody asks it anew.
  assert.deepEqual([told.splice(0), tokens], [['b'], [undefined]]);
  transport.setHosts([
    { name: 'a', url: a, token: 'secret' },
    { name: 'b', url: b },
  ]);
  await waitFor('the first one again', () => told.includes('a'));
  assert.deepEqual([told.splice(0), tokens], [['a'], [undefined, 'Bearer secret']]);
  transport.setHosts([{ name: 'b', url: b }]);
  assert.deepEqual(told, ['a bye']);
});
