/**
 * The system calls on the real kernel: that each is bound with the right arguments, and what it
 * gives back.
 */
import { strict as assert } from 'node:assert';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { test } from 'node:test';
import { cPath, encodeName } from '../../src/reference/names.ts';
import { check, errno } from '../../src/sys/errno.ts';
import { bind } from '../../src/sys/library.ts';
import { emptyStatus } from '../../src/sys/stat.ts';
import { linux } from '../../src/sys/system.ts';
import { freshRun, ip, netnsDirectory } from '../support/netns.ts';
import { Pipe } from '../support/pipe.ts';
import { waitFor } from '../support/wait.ts';

const CLONE_NEWNET = 0x40000000;
const CLONE_NEWUTS = 0x04000000;
const MNT_DETACH = 2;
const MS_BIND = 0x1000;
const O_CREAT = 0o100;
const O_EXCL = 0o200;
const LOCK_EX = 2;
const LOCK_NB = 4;
const EPOLLIN = 1;

const system = linux();
const noHandle = { id: 0n, type: 0, ino: 0 };

test('open: close-on-exec and non-blocking, whatever the flags', () => {
  const path = `${netnsDirectory()}/file`;
  assert.equal(system.open(cPath(path), 0), -errno.ENOENT);
  const fd = check(system.open(cPath(path), O_CREAT | O_EXCL, 0o640), 'open');
  assert.equal(system.open(cPath(path), O_CREAT | O_EXCL, 0), -errno.EEXIST);
  const flags = Number.parseInt(
    /flags:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '',
    8,
  );
  assert.equal(flags & 0o2004000, 0o2004000);
  assert.equal(statSync(path).mode & 0o777, 0o640);
  assert.equal(system.close(fd), 0);
  assert.equal(system.close(fd), -errno.EBADF);
});

test('read and bytesReadable', (t) => {
  const pipe = new Pipe(t);
  const buffer = new Uint8Array(4);
  assert.equal(system.read(pipe.readEnd, buffer), -errno.EAGAIN);
  assert.equal(system.bytesReadable(pipe.readEnd), 0);
  pipe.write('abcdef');
  assert.equal(system.bytesReadable(pipe.readEnd), 6);
  assert.equal(system.read(pipe.readEnd, buffer), 4);
  assert.equal(Buffer.from(buffer).toString(), 'abcd');
  // Into the part of a buffer that it is given, and no further.
  const whole = new Uint8Array(6);
  assert.equal(system.read(pipe.readEnd, whole.subarray(2, 4)), 2);
  assert.deepEqual([...whole], [0, 0, 101, 102, 0, 0]);
  assert.equal(system.bytesReadable(-1), -errno.EBADF);
});

test('readDirectory and readLink give bytes', () => {
  const directory = netnsDirectory();
  assert.deepEqual(system.readDirectory(cPath(directory)), []);
  const name = 'a\n\udcff';
  writeFileSync(encodeName(`${directory}/${name}`), '');
  assert.deepEqual(system.readDirectory(cPath(directory)), [encodeName(name)]);
  assert.equal(system.readDirectory(cPath(`${directory}/missing`)), -errno.ENOENT);
  assert.equal(system.readDirectory(cPath(directory, name)), -errno.ENOTDIR);
  symlinkSync(encodeName(name), `${directory}/link`);
  assert.deepEqual(system.readLink(cPath(directory, 'link')), encodeName(name));
  assert.equal(system.readLink(cPath(directory, name)), -errno.EINVAL);
});

test('mkdir and unlink', () => {
  const path = `${netnsDirectory()}/new`;
  assert.equal(system.mkdir(cPath(path), 0o700), 0);
  assert.equal(statSync(path).mode & 0o777, 0o700);
  assert.equal(system.mkdir(cPath(path), 0o700), -errno.EEXIST);
  assert.equal(system.unlink(cPath(path)), -errno.EISDIR);
  writeFileSync(`${path}/file`, '');
  assert.equal(system.unlink(cPath(path, 'file')), 0);
  assert.equal(existsSync(`${path}/file`), false);
});

test('flock', () => {
  const path = `${netnsDirectory()}/lock`;
  writeFileSync(path, '');
  const [a, b] = [openSync(path, 'r'), openSync(path, 'r')];
  assert.equal(system.flock(a, LOCK_EX | LOCK_NB), 0);
  assert.equal(system.flock(b, LOCK_EX | LOCK_NB), -errno.EWOULDBLOCK);
  closeSync(a);
  assert.equal(system.flock(b, LOCK_EX | LOCK_NB), 0);
  closeSync(b);
});

test('mount and umount: another mount has another id, and the old one its old', () => {
  const directory = netnsDirectory();
  const other = netnsDirectory();
  const ids = (): number => {
    const status = emptyStatus();
    assert.equal(system.stat(cPath(directory), true, status), 0);
    return status.mountId;
  };
  const before = ids();
  assert.equal(system.mount(cPath(other), cPath(directory), MS_BIND), 0);
  const covered = ids();
  assert.notEqual(covered, before);
  assert.equal(statSync(directory).ino, statSync(other).ino);
  assert.equal(system.umount(cPath(directory), MNT_DETACH), 0);
  assert.equal(ids(), before);
  assert.equal(system.umount(cPath(directory), MNT_DETACH), -errno.EINVAL);
  assert.equal(system.mount(cPath(`${other}/missing`), cPath(directory), MS_BIND), -errno.ENOENT);
});

test('unshare and setns: into a new namespace and back', () => {
  const own = readlinkSync('/proc/self/ns/net');
  const back = check(system.open(cPath('/proc/self/ns/net'), 0), 'open');
  assert.equal(system.unshare(CLONE_NEWNET), 0);
  assert.notEqual(readlinkSync('/proc/self/ns/net'), own);
  assert.equal(system.setns(back, CLONE_NEWUTS), -errno.EINVAL);
  assert.equal(system.setns(back, CLONE_NEWNET), 0);
  assert.equal(readlinkSync('/proc/self/ns/net'), own);
  assert.equal(system.namespaceType(back), CLONE_NEWNET);
  system.close(back);
  assert.equal(system.unshare(-1), -errno.EINVAL);
  assert.equal(system.setns(-1, 0), -errno.EBADF);
});

test('namespaceType tells the kinds apart', () => {
  for (const [kind, type] of [
    ['net', CLONE_NEWNET],
    ['uts', CLONE_NEWUTS],
  ] as const) {
    const fd = openSync(`/proc/self/ns/${kind}`, 'r');
    assert.equal(system.namespaceType(fd), type);
    closeSync(fd);
  }
  const file = openSync('/dev/null', 'r');
  assert.equal(system.namespaceType(file), -errno.ENOTTY);
  closeSync(file);
});

test('namespaceHandle: what stat and ioctl say, without opening', (t) => {
  freshRun(t);
  ip('netns', 'add', 'a');
  const handle = { ...noHandle };
  const fd = openSync('/var/run/netns/a', 'r');
  const id = new BigUint64Array(1);
  const NS_GET_ID = 0x8008b70d;
  const known = bind('int ioctl(int fd, unsigned long request, void *argument)')(fd, NS_GET_ID, id) === 0;
  closeSync(fd);
  const result = system.namespaceHandle(cPath('/var/run/netns/a'), handle);
  if (known) {
    assert.equal(result, 0);
    assert.deepEqual(handle, { id: id[0], type: CLONE_NEWNET, ino: statSync('/var/run/netns/a').ino });
    assert.equal(system.namespaceHandle(cPath('/proc/self/ns/uts'), handle), 0);
    assert.equal(handle.type, CLONE_NEWUTS);
    symlinkSync('a', '/var/run/netns/link');
    assert.equal(system.namespaceHandle(cPath('/var/run/netns/link'), handle), 0);
    assert.equal(handle.id, id[0]);
  } else {
    assert.equal(result, -errno.EOPNOTSUPP);
    assert.deepEqual(handle, noHandle);
  }
  assert.equal(system.namespaceHandle(cPath('/var/run/netns/missing'), handle), -errno.ENOENT);
  writeFileSync('/var/run/netns/stale', '');
  assert.equal(system.namespaceHandle(cPath('/var/run/netns/stale'), handle), -errno.EOPNOTSUPP);
});

test('epoll: an inner one is readable when what it watches is', async (t) => {
  const pipe = new Pipe(t);
  const epoll = check(system.epollCreate(), 'epoll_create1');
  assert.equal(system.epollAdd(epoll, pipe.readEnd, EPOLLIN), 0);
  assert.equal(system.epollAdd(epoll, pipe.readEnd, EPOLLIN), -errno.EEXIST);
  let calls = 0;
  const readiness = system.onReadable(epoll, () => {
    calls++;
    pipe.read();
  });
  pipe.write('x');
  await waitFor('the call', () => calls === 1);
  readiness.close();
  system.close(epoll);
});

test('after an error of a socket its data is told of again', async (t) => {
  const port = await echoServer(t);
  const [AF_INET, SOCK_DGRAM_NONBLOCK, CLOSED_PORT] = [2, 2 | 0o4000, 9];
  const socket = check(
    bind('int socket(int family, int type, int protocol)')(AF_INET, SOCK_DGRAM_NONBLOCK, 0),
    'socket',
  );
  t.after(() => closeSync(socket));
  const connect = bind('int connect(int fd, const void *address, uint32_t length)');
  const send = bind('intptr_t send(int fd, const void *buffer, size_t length, int flags)');
  const buffer = new Uint8Array(16);
  const got: number[] = [];
  const readiness = system.onReadable(socket, () => got.push(system.read(socket, buffer)));
  for (let round = 1; round <= 3; round++) {
    // Nobody listens there: the answer is an ICMP error, and epoll reports EPOLLERR.
    check(connect(socket, loopback(CLOSED_PORT), 16), 'connect');
    check(send(socket, new Uint8Array(1), 1, 0), 'send');
    await waitFor('the error', () => got.length > 0);
    assert.deepEqual(got, [-errno.ECONNREFUSED]);
    got.length = 0;
    check(connect(socket, loopback(port), 16), 'connect');
    check(send(socket, new Uint8Array(round), round, 0), 'send');
    await waitFor('the echo', () => got.length > 0);
    assert.deepEqual(got, [round]);
    got.length = 0;
  }
  readiness.close();
});

/** Sends back what it gets. @returns its port */
async function echoServer(t: { after(undo: () => void): void }): Promise<number> {
  const server = createSocket('udp4', (message, { port }) => server.send(message, port, '127.0.0.1'));
  server.bind(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  return server.address().port;
}

/** struct sockaddr_in. */
function loopback(port: number): Uint8Array {
  const address = Buffer.from([0, 0, port >> 8, port & 0xff, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  new Uint16Array(address.buffer, address.byteOffset, 1)[0] = 2;
  return address;
}
