/** What answers is no `nlink serve`, or means harm: said in few words, and never with the token. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { within } from '../../../../../test/support/wait.ts';
import { httpTransport } from '../../../src/transport/http/http-transport.ts';
import type { HostNote, HttpTransportOptions } from '../../../src/transport/http/http-transport.ts';
import type { Head } from '../../../src/wire/head.ts';
import type { TransportTarget } from '../../../src/transport/transport.ts';

const TOKEN = 'a-token-that-nobody-may-see';
const EPOCH = '0123456789abcdef';
const OPENED = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n';
const FIELDS = { epoch: EPOCH, seq: 3, directory: '/run/netns', unavailable: [], namespaces: [], links: [] };
const SNAPSHOT = `event: snapshot\nid: ${EPOCH}:3\ndata: ${JSON.stringify(FIELDS)}\n\n`;

/** What it was sent, each request as a text. */
async function server(
  t: TestContext,
  answer: (socket: Socket, request: string) => void,
  host = '127.0.0.1',
): Promise<{ port: number; requests: string[] }> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const listening = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', (bytes) => {
      requests.push(String(bytes));
      answer(socket, String(bytes));
    });
  });
  listening.listen(0, host);
  await once(listening, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    listening.close();
  });
  return { port: (listening.address() as AddressInfo).port, requests };
}

class Target implements TransportTarget {
  readonly told: string[] = [];
  head(key: string, { bye }: Head): void {
    this.told.push(`head ${key}${bye ? ' bye' : ''}`);
  }
  delta(key: string): void {
    this.told.push(`delta ${key}`);
  }
  snapshot(key: string): void {
    this.told.push(`snapshot ${key}`);
  }
  malformed(key: string): void {
    this.told.push(`malformed ${key}`);
  }
  connection(state: string): void {
    this.told.push(state);
  }
}

/** It is refused. @returns what was said of it */
async function refused(t: TestContext, url: string): Promise<{ note: HostNote; message: string }> {
  const notes: HostNote[] = [];
  const transport = httpTransport({
    hosts: [{ name: 'one', url, token: TOKEN }],
    onHost: (note) => notes.push(note),
  });
  t.after(() => transport.stop());
  const error = await within(
    url,
    transport.start(new Target()).then(
      () => null,
      (error: NodeJS.ErrnoException) => error,
    ),
  );
  assert.equal(error?.code, 'ERR_FLEET_CONNECT');
  const [note] = notes;
  assert.ok(note !== undefined);
  assert.doesNotMatch(`${error?.stack} ${JSON.stringify(notes)}`, new RegExp(TOKEN.slice(0, 8)));
  return { note, message: note.fault?.message ?? '' };
}

const plain = (status: string, more = '', body = ''): string =>
  `HTTP/1.1 ${status}\r\n${more}content-length: ${body.length}\r\n\r\n${body}`;

test('answers that are no stream: what they are, and the first line of what they say', async (t) => {
  const authorization = (request: string): string => /^authorization: (.*)$/im.exec(request)?.[1] ?? '';
  for (const [answer, kind, message] of [
    [() => plain('503 Unavailable', '', '<html>\n<body>down'), 'busy', /^status 503: <html>$/],
    [() => plain('401 Unauthorized'), 'refused', /^status 401$/],
    [() => plain('204 No Content'), 'wrong', /^status 204$/],
    [() => plain('200 OK', 'content-type: text/html\r\n', 'hi'), 'wrong', /^content is text\/html, not/],
    [() => 'SSH-2.0-OpenSSH_9.2\r\n', 'unreachable', /^Parse Error/],
    [(request: string) => plain('401 No', '', `got ${authorization(request)}`), 'refused', /got Bearer …$/],
    [
      (request: string) => plain('400 No', '', `${'x'.repeat(190)} ${authorization(request)} y`),
      'wrong',
      /x Bearer … y$/,
    ],
    [
      (request: string) => plain('200 OK', `content-type: ${authorization(request)}\r\n`),
      'wrong',
      /^content is Bearer …,/,
    ],
    [
      (request: string) => `${OPENED}event: events\nid: ${EPOCH}:1\ndata: ${authorization(request)}\n\n`,
      'malformed',
      /^expected JSON$/,
    ],
    [() => plain('400 No', '', 'y'.repeat(9000)), 'wrong', /^.{200,240}$/],
  ] as const) {
    const { port } = await server(t, (socket, request) => void socket.write(answer(request)));
    const said = await refused(t, `http://127.0.0.1:${port}`);
    assert.equal(said.note.fault?.kind, kind, said.message);
    assert.match(said.message, message);
  }
});

test('a redirect is not followed: nobody else is sent the token', async (t) => {
  const other = await server(t, (socket) => void socket.write(OPENED + SNAPSHOT));
  const location = `location: http://127.0.0.1:${other.port}/v1/events\r\n`;
  const { port, requests } = await server(t, (socket) => void socket.write(plain('302 Found', location)));
  const { note, message } = await refused(t, `http://127.0.0.1:${port}`);
  assert.deepEqual([note.fault?.kind, message], ['wrong', 'status 302']);
  assert.match(requests[0] ?? '', new RegExp(`^authorization: Bearer ${TOKEN}$`, 'im'));
  assert.deepEqual(other.requests, []);
});

test('cut off at once, or in midst of a message, or without an end: said', async (t) => {
  const closing = await server(t, (socket) => void socket.end());
  assert.equal((await refused(t, `http://127.0.0.1:${closing.port}`)).note.fault?.kind, 'unreachable');
  const half = await server(t, (socket) => void socket.end(OPENED + SNAPSHOT.slice(0, -20)));
  assert.equal((await refused(t, `http://127.0.0.1:${half.port}`)).note.fault?.kind, 'unreachable');
  const endless = await server(t, (socket) => {
    const part = Buffer.alloc(1024 * 1024, 'x');
    const write = (): void => {
      while (!socket.destroyed && socket.write(part));
    };
    socket.on('drain', write);
    socket.write(OPENED);
    write();
  });
  const { note, message } = await refused(t, `http://127.0.0.1:${endless.port}`);
  assert.deepEqual([note.fault?.kind, message], ['malformed', 'a message is longer than 67108864 bytes']);
});

test('a name that nobody has, an address of IPv6', async (t) => {
  const { note, message } = await refused(t, 'http://host.invalid:9478');
  assert.equal(note.fault?.kind, 'unreachable');
  assert.match(message, /^getaddrinfo \w+ host\.invalid$/);
  const { port, requests } = await server(t, (socket) => void socket.write(OPENED + SNAPSHOT), '::1');
  const target = new Target();
  const transport = httpTransport({ hosts: [{ url: `http://[::1]:${port}`, key: 'six' }] });
  await within('IPv6', transport.start(target));
  await transport.stop();
  assert.deepEqual(target.told, ['connecting', 'snapshot six', 'head six', 'live']);
  assert.match(requests[0] ?? '', new RegExp(`^host: \\[::1\\]:${port}$`, 'im'));
});

test('hosts that are given before it begins are those that it begins with', async (t) => {
  const { port } = await server(t, (socket) => void socket.write(OPENED + SNAPSHOT));
  const url = `http://127.0.0.1:${port}`;
  const target = new Target();
  const transport = httpTransport({ hosts: [{ url, key: 'before' }] });
  transport.setHosts([{ url, key: 'after' }]);
  await within('a start', transport.start(target));
  await transport.stop();
  assert.deepEqual(target.told, ['connecting', 'snapshot after', 'head after', 'live']);
});

test('other hosts while it begins: these are waited for, and no others', async (t) => {
  const { port } = await server(t, (socket) => void socket.write(OPENED + SNAPSHOT));
  const mute = await server(t, () => {});
  const target = new Target();
  const transport = httpTransport({ hosts: [{ url: `http://127.0.0.1:${mute.port}`, key: 'mute' }] });
  const starting = transport.start(target);
  transport.setHosts([{ url: `http://127.0.0.1:${port}`, key: 'good' }]);
  await within('a start', starting);
  await transport.stop();
  assert.deepEqual(target.told, ['connecting', 'snapshot good', 'head good', 'live']);
});

test('one that is asked in another way, then not at all: its goodbye is told', async (t) => {
  const { port } = await server(t, (socket) => void socket.write(OPENED + SNAPSHOT));
  const good = { url: `http://127.0.0.1:${port}`, key: 'good' };
  const gone = { url: 'http://127.0.0.1:1', key: 'gone' };
  const target = new Target();
  const transport = httpTransport({ hosts: [good, gone] });
  await within('a start', transport.start(target));
  transport.setHosts([good, { ...gone, token: TOKEN }]);
  transport.setHosts([good]);
  await transport.stop();
  assert.deepEqual(
    target.told.filter((line) => line.includes('gone')),
    ['head gone', 'head gone bye'],
  );
});

test('no message of what is wrong shows a token or a password', () => {
  const secret = 'se-cret-of-mine';
  for (const hosts of [
    { url: 'http://a', token: secret },
    [{ url: `http://user:${secret}@a:9478` }],
    [{ url: `http://user:${secret}/?x@a:9478` }],
    [{ url: `user:${secret}@a:9478` }],
    [{ url: `http://a:9478/?token=${secret}` }],
    [{ url: `http://a:9478/#${secret}` }],
    [
      { url: 'http://a', token: secret },
      { url: 'http://a', token: secret },
    ],
  ])
    assert.throws(
      () => httpTransport({ hosts } as HttpTransportOptions),
      ({ code, message }: NodeJS.ErrnoException) => {
        assert.doesNotMatch(message, /cret/);
        return code === 'ERR_NLINK_INVALID_ARGUMENT';
      },
    );
});
