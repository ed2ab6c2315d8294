/** A fleet over real `nlink serve` processes, which are killed, paused, started again, and refuse. */
import '../../../../../test/support/sandbox.ts';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { freshRun, ip } from '../../../../../test/support/netns.ts';
import { ask } from '../../../../../test/serve/support/served.ts';
import { waitFor, within } from '../../../../../test/support/wait.ts';
import { FleetWatcher } from '../../../src/fleet-watcher.ts';
import type { FleetEvent } from '../../../src/reader/fleet-types.ts';
import { httpTransport } from '../../../src/transport/http/http-transport.ts';
import type { HostNote } from '../../../src/transport/http/http-transport.ts';

const main = fileURLToPath(new URL('../../../../../src/cli/main.js', import.meta.url));

class Server {
  #child: ChildProcess | null = null;
  #listen: string;
  readonly #more: readonly string[];

  constructor(t: TestContext, listen = '127.0.0.1:0', more: readonly string[] = []) {
    this.#listen = listen;
    this.#more = more;
    t.after(() => this.end('SIGKILL'));
  }

  get url(): string {
    return this.#listen.startsWith('unix:') ? this.#listen : `http://${this.#listen}`;
  }

  /** Listens where it did before. */
  async start(): Promise<void> {
    const words = [main, 'serve', '--listen', this.#listen, ...this.#more];
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child = child;
    const [line] = (await within('its address', once(createInterface({ input: child.stdout }), 'line'))) as [
      string,
    ];
    const [, address] = /^listening on (?:http:\/\/)?(.+)$/.exec(line) ?? [];
    assert.ok(address, line);
    this.#listen = address;
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  async end(name: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(name);
    await exited;
  }

  /** What it says is there, as {@link pictureOf} has it. */
  async truth(token?: string): Promise<string[]> {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const place = this.#listen.startsWith('unix:')
      ? { socketPath: this.#listen.slice('unix:'.length) }
      : { port: Number(this.#listen.split(':').at(-1)) };
    const rows = async (path: string): Promise<Row[]> =>
      JSON.parse((await ask({ ...place, path, headers })).text) as Row[];
    const names = (await rows('/v1/namespaces')).map(({ name, namespace }) => `${name} ${namespace?.ino}`);
    const links = (await rows('/v1/links')).map(
      ({ name, namespace, ifindex }) => `${namespace?.ino} ${ifindex} ${name}`,
    );
    return [...names, ...links].sort();
  }
}

interface Row {
  name: string | null;
  namespace: { ino: string } | null;
  ifindex?: number;
}

function pictureOf(watcher: FleetWatcher, id: string): string[] {
  return watcher
    .namespaces(id)
    .flatMap(({ names, identity, links }) => [
      ...(names.length === 0 ? [null] : names.map(({ name }) => name)).map(
        (name) => `${name} ${identity?.ino}`,
      ),
      ...[...links.values()].map(({ ifindex, name }) => `${identity?.ino} ${ifindex} ${name}`),
    ])
    .sort();
}

interface Followed {
  watcher: FleetWatcher;
  events: FleetEvent[];
  notes: HostNote[];
  id: (name: string) => string;
}

async function follow(
  t: TestContext,
  hosts: { name: string; url: string; token?: string }[],
): Promise<Followed> {
  const notes: HostNote[] = [];
  const watcher = await FleetWatcher.open({
    transport: httpTransport({ hosts, onHost: (note) => notes.push(note) }),
  });
  t.after(() => watcher.stop());
  const events: FleetEvent[] = [];
  const read = async (): Promise<void> => {
    for await (const event of watcher) events.push(event);
  };
  void read();
  const id = (name: string): string => watcher.hosts().find((host) => host.name === name)?.id ?? '';
  return { watcher, events, notes, id };
}

const isSame = async (
  { watcher, id }: Followed,
  name: string,
  server: Server,
  token?: string,
): Promise<boolean> => {
  const [told, there] = [pictureOf(watcher, id(name)), await server.truth(token)];
  return told.join('\n') === there.join('\n');
};
const kinds = ({ events }: Followed, name: string): string[] =>
  events.flatMap((event) =>
    'host' in event && event.host.name === name && event.type !== 'namespaceEvent' ? [event.type] : [],
  );

test('two servers, one of them by a socket and a token; a third that is not there', async (t) => {
  freshRun(t);
  ip('netns', 'add', 'blue');
  const folder = mkdtempSync('/run/nlink-fleet-');
  const token = '0123456789abcdef';
  writeFileSync(`${folder}/token`, `${token}\n`);
  const [a, b] = [new Server(t), new Server(t, `unix:${folder}/b.sock`, ['--token-file', `${folder}/token`])];
  await Promise.all([a.start(), b.start()]);
  const fleet = await follow(t, [
    { name: 'a', url: a.url },
    { name: 'b', url: b.url, token },
    { name: 'c', url: 'http://127.0.0.1:1' },
  ]);
  const states = fleet.watcher.hosts().map(({ name, state }) => `${name} ${state}`);
  assert.deepEqual(states.sort(), ['a live', 'b live', 'c late']);
  assert.deepEqual(
    fleet.notes.filter(({ fault }) => fault !== null).map(({ name, fault }) => [name, fault?.kind]),
    [['c', 'unreachable']],
  );
  ip('netns', 'add', 'red');
  ip('-n', 'red', 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1', 'netns', 'blue');
  await waitFor(
    'both to be right',
    async () => (await isSame(fleet, 'a', a)) && isSame(fleet, 'b', b, token),
  );
  const has = (name: string): boolean =>
    pictureOf(fleet.watcher, fleet.id(name)).some((line) => line.startsWith('red '));
  assert.ok(has('a') && has('b'));
  ip('netns', 'del', 'blue');
  await waitFor(
    'both to be right',
    async () => (await isSame(fleet, 'a', a)) && isSame(fleet, 'b', b, token),
  );
  const told = fleet.events.flatMap((event) =>
    event.type === 'namespaceEvent' && event.host.name === 'a' ? [event] : [],
  );
  assert.deepEqual(
    told
      .filter(({ event }) => event.type === 'created' || event.type === 'deleted')
      .map(({ event }) => event.name),
    ['red', 'blue'],
  );
  const numbers = told.map(({ seq }) => seq ?? 0);
  assert.deepEqual(
    numbers,
    [...new Set(numbers)].sort((x, y) => x - y),
    'each once, in order',
  );
  assert.deepEqual(
    kinds(fleet, 'a').filter((type) => type === 'resynced'),
    [],
  );
});

test('killed, changed, started again; ended by itself', async (t) => {
  freshRun(t);
  ip('netns', 'add', 'blue');
  const server = new Server(t);
  await server.start();
  const fleet = await follow(t, [{ name: 'a', url: server.url }]);
  await waitFor('what is there', () => isSame(fleet, 'a', server));
  await server.end('SIGKILL');
  ip('netns', 'add', 'red');
  ip('netns', 'del', 'blue');
  await waitFor('the connection to be stale', () => fleet.watcher.connection === 'stale');
  await server.start();
  await waitFor('what is there', () => isSame(fleet, 'a', server));
  await waitFor('that it is said', () => kinds(fleet, 'a').includes('hostRestarted'));
  await waitFor('the difference', () => {
    const told = fleet.events.flatMap((event) =>
      event.type === 'namespaceEvent' ? [`${event.event.type} ${event.event.name}`] : [],
    );
    return told.includes('created red') && told.some((text) => /^(?:deleted|destroyed)/.test(text));
  });
  await server.end('SIGTERM');
  await waitFor('its goodbye', () => fleet.watcher.hosts()[0]?.state === 'gone');
  assert.deepEqual(
    fleet.notes.map(({ fault }) => fault?.kind ?? 'live').filter((kind) => kind !== 'unreachable'),
    ['live', 'live', 'ended'],
  );
});

test('paused for a while: nothing is lost, nothing is told twice', async (t) => {
  freshRun(t);
  const server = new Server(t);
  await server.start();
  const fleet = await follow(t, [{ name: 'a', url: server.url }]);
  server.signal('SIGSTOP');
  for (let at = 0; at < 20; at++) ip('netns', 'add', `n${at}`);
  server.signal('SIGCONT');
  await waitFor('what is there', () => isSame(fleet, 'a', server));
  const names = fleet.events.flatMap((event) =>
    event.type === 'namespaceEvent' && event.event.type === 'created' ? [event.event.name] : [],
  );
  assert.deepEqual(new Set(names), new Set(Array.from({ length: 20 }, (_, at) => `n${at}`)));
  assert.equal(names.length, 20);
  assert.ok(!kinds(fleet, 'a').includes('resynced'));
});

test('a wrong token, another server, nobody: said, and refused where none answers', async (t) => {
  freshRun(t);
  writeFileSync('/run/token', '0123456789abcdef\n');
  const server = new Server(t, '127.0.0.1:0', ['--token-file', '/run/token']);
  await server.start();
  const other = createServer((_, response) => response.end('<p>hello'));
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.after(() => other.close());
  const { port } = other.address() as AddressInfo;
  for (const [host, kind, message] of [
    [{ url: server.url }, 'refused', /a token is needed/],
    [{ url: server.url, token: 'fedcba9876543210' }, 'refused', /a token is needed/],
    [{ url: `http://127.0.0.1:${port}` }, 'wrong', /content is none/],
    [{ url: 'http://127.0.0.1:1' }, 'unreachable', /ECONNREFUSED/],
    [{ url: 'unix:/run/none' }, 'unreachable', /ENOENT/],
  ] as const) {
    const notes: HostNote[] = [];
    const transport = httpTransport({ hosts: [host], onHost: (note) => notes.push(note) });
    await assert.rejects(FleetWatcher.open({ transport }), { code: 'ERR_FLEET_CONNECT', message });
    assert.deepEqual(
      notes.map(({ fault }) => fault?.kind),
      [kind],
    );
  }
});

test('a server with no place left is tried again when it says', async (t) => {
  freshRun(t);
  let asked = 0;
  const busy = createServer((_, response) => {
    response.setHeader('content-type', 'text/event-stream; charset=utf-8');
    asked++;
    response.end('retry: 1000\nevent: busy\ndata: {"type":"busy","limit":1,"retry":1000}\n\n');
  });
  busy.listen(0, '127.0.0.1');
  await once(busy, 'listening');
  t.after(() => busy.close());
  const { port } = busy.address() as AddressInfo;
  const server = new Server(t);
  await server.start();
  const fleet = await follow(t, [
    { name: 'a', url: server.url },
    { name: 'full', url: `http://127.0.0.1:${port}` },
  ]);
  assert.equal(fleet.watcher.hosts().find(({ name }) => name === 'full')?.state, 'late');
  assert.equal(fleet.notes.find(({ name }) => name === 'full')?.fault?.kind, 'busy');
  await waitFor('the next attempt', () => asked > 1);
});

test('other hosts from now on: what is the same goes on, what is not there says goodbye', async (t) => {
  freshRun(t);
  const [a, b] = [new Server(t), new Server(t)];
  await Promise.all([a.start(), b.start()]);
  const transport = httpTransport({ hosts: [{ name: 'a', url: a.url }] });
  const watcher = await FleetWatcher.open({ transport });
  t.after(() => watcher.stop());
  assert.throws(() => transport.setHosts([]), { code: 'ERR_NLINK_INVALID_ARGUMENT' });
  transport.setHosts([
    { name: 'a', url: a.url },
    { name: 'b', url: b.url },
  ]);
  const states = (): string =>
    watcher
      .hosts()
      .map(({ name, state }) => `${name} ${state}`)
      .sort()
      .join();
  await waitFor('both', () => states() === 'a live,b live');
  transport.setHosts([{ name: 'b', url: b.url }]);
  await waitFor('the goodbye', () => states() === 'a gone,b live');
});
