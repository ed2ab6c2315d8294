/**
 * bare-node.js DIRECTORY: what c/c-wait.c does, in JavaScript with koffi and nothing else, stamped
 * right in the callback: as soon as Node can know at all. Not usable as it is: promise jobs do not
 * run in such a callback.
 */
import koffi from 'koffi';
import { ready } from '../reporting.js';
import { report, told } from './stories.js';

const libc = koffi.load(null);
const read = libc.func('intptr_t read(int fd, void *buffer, size_t count)');
const open = libc.func('int open(const char *path, int flags)');
const statfs = libc.func('int statfs(const void *path, void *status)');
const inotifyInit = libc.func('int inotify_init1(int flags)');
const inotifyAddWatch = libc.func('int inotify_add_watch(int fd, const char *path, uint32_t mask)');
const epollCreate = libc.func('int epoll_create1(int flags)');
const epollCtl = libc.func('int epoll_ctl(int epoll, int operation, int fd, void *event)');

const O_CLOEXEC = 0o2000000;
const O_NONBLOCK = 0o4000;
const IN_CREATE = 0x100;
const IN_DELETE = 0x200;
const EPOLL_CTL_ADD = 1;
const EPOLLPRI = 2;
const NSFS_MAGIC = 0x6e736673;

const [, , directory] = process.argv;
const batch = Buffer.alloc(65536);
const status = new Uint32Array(64);
const pending = new Map();

function checkPending() {
  for (const [name, path] of pending) {
    if (statfs(path, status) !== 0 || status[0] !== NSFS_MAGIC) continue;
    const stamp = process.hrtime.bigint();
    pending.delete(name);
    told('mounted', name, stamp);
  }
}

function readNames() {
  const length = Number(read(inotify, batch, batch.length));
  for (let at = 0; at < length;) {
    const start = at + 16;
    at = start + batch.readUInt32LE(at + 12);
    const created = (batch.readUInt32LE(start - 12) & IN_CREATE) !== 0;
    const name = batch.latin1Slice(start, batch.indexOf(0, start));
    told(created ? 'created' : 'deleted', name, process.hrtime.bigint());
    if (created) pending.set(name, Buffer.from(`${directory}/${name}\0`));
  }
  checkPending();
}

const inotify = inotifyInit(O_CLOEXEC | O_NONBLOCK);
inotifyAddWatch(inotify, directory, IN_CREATE | IN_DELETE);
const mounts = epollCreate(O_CLOEXEC);
const event = new Uint32Array(4);
event[0] = EPOLLPRI;
epollCtl(mounts, EPOLL_CTL_ADD, open('/proc/self/mountinfo', O_CLOEXEC), event);
// Handles that nobody refers to are collected.
globalThis.handles = [
  koffi.node.poll(inotify, { readable: true }, readNames),
  koffi.node.poll(mounts, { readable: true }, checkPending),
];
ready(report);
