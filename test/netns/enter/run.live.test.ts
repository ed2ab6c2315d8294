/**
 * Functions in other network namespaces: what they make stays there, and the thread is back whatever
 * they do and whatever fails.
 */
import { strict as assert } from 'node:assert';
import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { closeSync, openSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Connection, namespaceHolders, runInNamespace } from '../../../src/index.ts';
import { runBy } from '../../../src/netns/enter/run.ts';
import type { NamespaceReference } from '../../../src/reference/reference.ts';
import { check, errno, errnoName } from '../../../src/sys/errno.ts';
import { CLONE_NEWNET } from '../../../src/sys/flags.ts';
import { linux } from '../../../src/sys/system.ts';
import { converse } from '../../support/child.ts';
import { openDescriptors, openedSince, withoutLeak } from '../../support/descriptors.ts';
import { failOnce, faulty } from '../../support/faults.ts';
import { addNamespace, freshRun, ip, netnsDirectory, spawnHolder } from '../../support/netns.ts';
import { spawnOrdinary } from '../../support/ordinary.ts';
import { within } from '../../support/wait.ts';

const fixture = fileURLToPath(new URL('fixtures/run.js', import.meta.url));
const sources = fileURLToPath(new URL('../../../src/index.js', import.meta.url));
const here = (): string => readlinkSync('/proc/thread-self/ns/net');
const own = here();
const there = (path: string): string => `net:[${statSync(path).ino}]`;

/** What the fixture says. */
interface Answer {
  answer: unknown;
  stayed: boolean;
}

/** A namespace with a loopback device that is up, by its path. */
function makeNamespace(): string {
  const path = `${netnsDirectory()}/a`;
  addNamespace(path);
  spawnSync('nsenter', [`--net=${path}`, 'ip', 'link', 'set', 'lo', 'up']);
  return path;
}

/** An object that has this as `then`. */
// oxlint-disable-next-line unicorn/no-thenable
const withThen = (then: unknown): object => Object.fromEntries([['then', then]]);

/** What a shell command says that is run in the namespace by another program. */
function saidInside(path: string, command: string, input = ''): string {
  const { stdout } = spawnSync('nsenter', [`--net=${path}`, 'bash', '-c', command], {
    encoding: 'utf8',
    input,
    timeout: 10_000,
  });
  return stdout.trim();
}

test('by name, path, process and descriptor, in another directory', async (t) => {
  freshRun(t);
  ip('netns', 'add', 'there');
  const other = makeNamespace();
  const holder = await spawnHolder(t, '/run/netns/there');
  const fd = openSync('/run/netns/there', 'r');
  t.after(() => closeSync(fd));
  const references: [NamespaceReference, string][] = [
    ['there', '/run/netns/there'],
    [{ path: '/run/netns/there' }, '/run/netns/there'],
    [{ pid: holder.pid }, '/run/netns/there'],
    [{ fd }, '/run/netns/there'],
    [{ path: other }, other],
  ];
  await withoutLeak(() => {
    for (const [reference, path] of references) {
      assert.equal(runInNamespace(reference, here), there(path), JSON.stringify(reference));
      assert.equal(here(), own);
    }
    const directory = other.slice(0, -2);
    assert.equal(runInNamespace('a', here, { directory }), there(other));
  });
});

test('any value comes back', () => {
  const path = makeNamespace();
  for (const value of [undefined, null, 0, '', 'text', [1], withThen(5), () => 7, Symbol('s')])
    assert.equal(
      runInNamespace({ path }, () => value),
      value,
    );
});

test('the addresses that are seen inside are those of the namespace', () => {
  const path = makeNamespace();
  saidInside(path, 'ip address add 192.0.2.7/32 dev lo');
  const addresses = (): string[] =>
    Object.values(networkInterfaces()).flatMap((device) => device?.map(({ address }) => address) ?? []);
  assert.ok(runInNamespace({ path }, addresses).includes('192.0.2.7'));
  assert.ok(!addresses().includes('192.0.2.7'));
});

test('a TCP server serves inside, and not outside', async (t) => {
  const path = makeNamespace();
  const server = runInNamespace({ path }, (): Server =>
    createServer((socket) => socket.end('hello')).listen(0),
  );
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = spawn('nsenter', [`--net=${path}`, 'bash', '-c', `cat < /dev/tcp/127.0.0.1/${port}`]);
  const [hello] = (await within('an answer', once(client.stdout, 'data'))) as [Buffer];
  assert.equal(hello.toString(), 'hello');
  const outside = spawn('bash', ['-c', `cat < /dev/tcp/127.0.0.1/${port}`]);
  assert.deepEqual(await within('the refusal', once(outside, 'exit')), [1, null]);
  const { sockets } = await namespaceHolders({ path });
  assert.ok(sockets.some(({ pid }) => pid === process.pid));
});

test('a UDP socket with a lookup that calls back at once is bound inside', async (t) => {
  const path = makeNamespace();
  const server = runInNamespace({ path }, (): Socket => {
    const lookup = (_: string, __: unknown, done: (error: null, address: string, family: 4) => void): void =>
      done(null, '127.0.0.1', 4);
    return createSocket({ type: 'udp4', lookup }).bind(0);
  });
  t.after(() => server.close());
  const received = within('a datagram', once(server, 'message'));
  const { port } = server.address();
  saidInside(path, `echo hello > /dev/udp/127.0.0.1/${port}`);
  const [message] = (await received) as [Buffer];
  assert.equal(message.toString(), 'hello\n');
});

test('programs, worker threads and connections that are started inside are inside', async (t) => {
  const path = makeNamespace();
  const { child, worker, opening, answer } = runInNamespace({ path }, () => ({
    answer: spawnSync('readlink', ['/proc/self/ns/net'], { encoding: 'utf8' }).stdout,
    child: spawn('readlink', ['/proc/self/ns/net']),
    worker: new Worker(
      "require('worker_threads').parentPort.postMessage(require('fs').readlinkSync('/proc/thread-self/ns/net'))",
      { eval: true },
    ),
    opening: Connection.open(),
  }));
  assert.equal(answer.trim(), there(path));
  const [said] = (await within('the program', once(child.stdout, 'data'))) as [Buffer];
  assert.equal(said.toString().trim(), there(path));
  assert.deepEqual(await within('the worker', once(worker, 'message')), [there(path)]);
  const connection = await opening;
  t.after(() => connection.close());
  await connection.setNsid({ pid: process.pid }, 77);
  const outside = await Connection.open();
  t.after(() => outside.close());
  assert.deepEqual(
    [await connection.getNsid({ pid: process.pid }), await outside.getNsid({ pid: process.pid })],
    [77, null],
  );
});

test('nested: each returns to where it was called', () => {
  const [outer, inner] = [makeNamespace(), makeNamespace()];
  const seen = runInNamespace({ path: outer }, () => [
    here(),
    runInNamespace({ path: inner }, () => [here(), runInNamespace({ path: outer }, here), here()]),
    here(),
  ]);
  assert.deepEqual(seen, [there(outer), [there(inner), there(outer), there(inner)], there(outer)]);
  assert.equal(here(), own);
  const failing = (): never => {
    throw new Error('inner');
  };
  const caught = runInNamespace({ path: outer }, () => {
    assert.throws(() => runInNamespace({ path: inner }, failing), /^Error: inner$/);
    return here();
  });
  assert.equal(caught, there(outer));
});

test('exceptions pass through as they are, and the thread is back', async () => {
  const path = makeNamespace();
  const like = Object.assign(new Error('of another call'), { code: 'EINVAL', syscall: 'setns' });
  await withoutLeak(() => {
    for (const thrown of [new Error('of the function'), like, 'text', null, undefined]) {
      let caught: unknown = 'nothing';
      try {
        runInNamespace({ path }, () => {
          throw thrown;
        });
      } catch (error) {
        caught = error;
      }
      assert.equal(caught, thrown);
      assert.equal(here(), own);
    }
  });
});

test('a function that is async is not called', () => {
  const path = makeNamespace();
  const refused = { code: 'ERR_NLINK_INVALID_ARGUMENT', message: /^fn must be a synchronous function, but/ };
  // @ts-expect-error What returns a promise is refused by the compiler, too.
  assert.throws(() => runInNamespace({ path }, async () => assert.fail('called')), refused);
  for (const fn of [
    function* () {
      assert.fail('called');
    },
    async function* () {
      assert.fail('called');
    },
  ])
    assert.throws(() => runInNamespace({ path }, fn as never), refused);
  for (const fn of [undefined, null, 5, 'fn', {}])
    assert.throws(() => runInNamespace({ path }, fn as never), {
      code: 'ERR_NLINK_INVALID_ARGUMENT',
      message: /^fn must be a synchronous function, got /,
    });
});

test('a promise or thenable is refused; its rejection is no unhandled one', async (t) => {
  const path = makeNamespace();
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  t.after(() => process.off('unhandledRejection', note));
  const refused = {
    code: 'ERR_NLINK_INVALID_ARGUMENT',
    message: /returned a promise: the rest of it would run outside of the namespace/,
  };
  // Fails if its `then` is called, which may begin something.
  const lazy = withThen((): never => assert.fail('called'));
  class Own extends Promise<unknown> {
    override catch(): never {
      assert.fail('called');
    }
  }
  for (const make of [
    () => Promise.reject(new Error('later')),
    () => Promise.resolve(5),
    () => Own.reject(new Error('later')),
    () => lazy,
  ]) {
    assert.throws(() => runInNamespace({ path }, make as never), refused);
    assert.equal(here(), own);
  }
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
  assert.deepEqual(unhandled, []);
});

test('what is no namespace, not there, or no reference', (t) => {
  freshRun(t);
  const file = `${netnsDirectory()}/stale`;
  writeFileSync(file, '');
  const never = (): never => assert.fail('called');
  for (const path of [file, '/dev/null', '/proc/self/ns/uts'])
    assert.throws(() => runInNamespace({ path }, never), { code: 'ERR_NLINK_NOT_A_NAMESPACE' });
  assert.throws(() => runInNamespace('nope', never), { code: 'ENOENT', syscall: 'open' });
  assert.throws(() => runInNamespace('a/b', never), { code: 'ERR_NLINK_INVALID_NAME' });
  assert.throws(() => runInNamespace(5 as never, never), {
    message: /^reference must be a name, \{ path \}/,
  });
  assert.throws(() => runInNamespace('a', never, 5 as never), {
    message: 'options must be an object, got 5',
  });
  assert.equal(here(), own);
});

test('each system call fails once: refused with its error, and the thread is where it was', () => {
  const path = makeNamespace();
  const real = linux();
  const back = check(real.open(Buffer.from('/proc/thread-self/ns/net\0'), 0), 'open');
  /** In place of the end of the process. */
  const abort = (): never => {
    check(real.setns(back, CLONE_NEWNET), 'setns');
    throw Object.assign(new Error('aborted'), { code: 'aborted' });
  };
  let called = 0;
  const attempt = (system: typeof real): string | null => {
    try {
      const look = (): string => {
        called++;
        return here();
      };
      assert.equal(runBy(system, { path }, look, undefined, abort), there(path));
      return null;
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  const reference = faulty(real, () => undefined);
  assert.equal(attempt(reference.system), null);
  const { calls } = reference;
  assert.deepEqual(calls, ['open', 'open', 'setns', 'setns', 'setns', 'close', 'close']);
  for (const number of [errno.EIO, errno.EMFILE, errno.EPERM]) {
    for (const [index, call] of calls.entries()) {
      const which = `${call}, call ${index + 1}, ${errnoName(number)}`;
      const before = openDescriptors();
      called = 0;
      const outcome = attempt(faulty(real, failOnce(index + 1, -number)).system);
      const proof = index === 2 && number === errno.EPERM ? 'ERR_NLINK_NO_RETURN' : errnoName(number);
      assert.equal(outcome, call === 'close' ? null : index === 4 ? 'aborted' : proof, which);
      assert.equal(called, index < 4 ? 0 : 1, which);
      assert.equal(here(), own, which);
      assert.deepEqual(openedSince(before), [], which);
    }
  }
  real.close(back);
});

test('without privilege: EPERM, and what to do; not called', async (t) => {
  const child = await converse(t, spawnOrdinary(fixture));
  const { answer, stayed } = (await child.ask(makeNamespace())) as Answer;
  assert.deepEqual([(answer as { code: string }).code, stayed], ['EPERM', true]);
  assert.match((answer as { message: string }).message, /CAP_SYS_ADMIN: run as root .*unshare -Urnm/);
});

test('where this process could not come back: refused before it left', async (t) => {
  const child = await converse(t, spawn('unshare', ['-Ur', process.execPath, fixture]));
  const { answer, stayed } = (await child.ask(makeNamespace())) as Answer;
  assert.deepEqual([(answer as { code: string }).code, stayed], ['ERR_NLINK_NO_RETURN', true]);
});

// Fails if Node starts the threads of its pool inside, where they would stay. A program that is
// required needs none before: modules that are imported are read by them.
test('an asynchronous call inside starts no thread there', () => {
  const path = makeNamespace();
  const program = `
    const { readdirSync, readlinkSync, stat } = require('node:fs');
    const { runInNamespace } = require(${JSON.stringify(sources)});
    const inside = runInNamespace({ path: ${JSON.stringify(path)} }, () => {
      stat('/', () => undefined);
      return readlinkSync('/proc/thread-self/ns/net');
    });
    const threads = readdirSync('/proc/self/task').map((thread) =>
      readlinkSync('/proc/self/task/' + thread + '/ns/net'));
    console.log(JSON.stringify({ inside, threads }));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=commonjs', '-e', program], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  assert.equal(stderr.replaceAll(/^.*(?:ExperimentalWarning|--trace-warnings).*\n/gm, ''), '');
  const { inside, threads } = JSON.parse(stdout) as { inside: string; threads: string[] };
  assert.equal(inside, there(path));
  assert.ok(threads.length > 4);
  assert.deepEqual(new Set(threads), new Set([own]));
});
