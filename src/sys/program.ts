/**
 * Replacing this process by a program (execvp(3)) and starting one (posix_spawn(3)), with words and
 * environment as bytes, which child_process would make text of. The program finds what this process
 * was started with: what Node changed for itself is put back first, as far as it can be known
 * (notes/process.md): signals that it ignores, the signal mask, descriptors that it closes to
 * programs.
 */
import { constants } from 'node:os';
import { errno } from './errno.ts';
import { inheritedDescriptors } from './inherited.ts';
import { allocate, bind, pointerSize, pointerVariable } from './library.ts';
import { littleEndian } from './endian.ts';

/** What Node ignores from its start on (`PlatformInit` in node.cc): programs are to end by them. */
const IGNORED = [constants.signals.SIGPIPE, constants.signals.SIGXFSZ];
/**
 * More than a struct sigaction, or a sigset_t, has anywhere. All zeros: the default action; no
 * signal.
 */
const SIGNAL_ROOM = 512;
/** More than a posix_spawnattr_t or posix_spawn_file_actions_t has anywhere. */
const STRUCT_ROOM = 1024;
const POSIX_SPAWN_SETSIGDEF = 4;
const POSIX_SPAWN_SETSIGMASK = 8;
/**
 * Also those that the C library uses itself, which it would leave ignored (`spawni.c` of glibc): 64
 * in all, a bit each.
 */
const EVERY_SIGNAL = new Uint8Array(SIGNAL_ROOM).fill(0xff, 0, 8);
const SIG_SETMASK = 2;
const F_GETFD = 1;
const F_SETFD = 2;
const FD_CLOEXEC = 1;
const F_GETFL = 3;
const F_SETFL = 4;
const O_NONBLOCK = 0o4000;
const WNOHANG = 1;

/**
 * Becomes the program that the first word names, found in PATH if it holds no slash, in this very
 * process. A file without a format that the kernel knows is run by the shell (execvp(3)).
 * @param words each NUL-terminated
 * @returns `-errno`, if it did not: then this process goes on as before
 */
export function execute(words: readonly Uint8Array[]): number {
  calls ??= bindCalls();
  const { execvp, sigaction, sigprocmask } = calls;
  const argv = wordArray(words);
  passOn(calls, inheritedDescriptors());
  const before = IGNORED.map((signal) => {
    const action = new Uint8Array(SIGNAL_ROOM);
    sigaction(signal, new Uint8Array(SIGNAL_ROOM), action);
    return [signal, action] as const;
  });
  const mask = new Uint8Array(SIGNAL_ROOM);
  sigprocmask(SIG_SETMASK, new Uint8Array(SIGNAL_ROOM), mask);
  const result = execvp(words[0], argv);
  sigprocmask(SIG_SETMASK, mask, null);
  for (const [signal, action] of before) sigaction(signal, action, null);
  return result;
}

/**
 * Starts the program that the first word names, as {@link execute} becomes one, as a child: in the
 * namespaces of the calling thread, with the same working directory and environment.
 * @param words each NUL-terminated
 * @param descriptors which others it gets: {@link inheritedDescriptors}, of before Node's standard
 *   streams were used, which open more
 * @param streams its standard streams. Default those of this process
 * @returns its process id, or `-errno`
 */
export function start(
  words: readonly Uint8Array[],
  descriptors: readonly number[],
  streams?: readonly number[],
): number {
  calls ??= bindCalls();
  passOn(calls, descriptors);
  const result = spawn(calls, words, streams);
  // The shell runs what has no format, wherever in PATH it is; the function that starts a program
  // leaves that to its caller.
  return result === -errno.ENOEXEC ? spawn(calls, [...BY_SHELL, ...words], streams) : result;
}

/** Words that run the words after them. */
const BY_SHELL = ['/bin/sh', '-c', 'exec "$@"', 'sh'].map((word) => Buffer.from(`${word}\0`));

function spawn(bound: Calls, words: readonly Uint8Array[], streams: readonly number[] = []): number {
  const pid = new Int32Array(1);
  const attributes = new Uint8Array(STRUCT_ROOM);
  bound.attributesInit(attributes);
  bound.attributesFlags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  bound.attributesDefault(attributes, EVERY_SIGNAL);
  bound.attributesMask(attributes, new Uint8Array(SIGNAL_ROOM));
  const actions = new Uint8Array(STRUCT_ROOM);
  bound.actionsInit(actions);
  try {
    for (const [to, from] of streams.entries()) bound.actionsDup2(actions, from, to);
    // Of all that is bound these alone give the error number itself.
    const argv = wordArray(words);
    const number = bound.posixSpawn(pid, words[0], actions, attributes, argv, pointerVariable('environ'));
    return number === 0 ? (pid[0] as number) : -number;
  } finally {
    bound.actionsDestroy(actions);
  }
}

/** How a child ended, as waitpid(2) says it: by itself, or by a signal. */
export type Ending = { status: number; signal: null } | { status: null; signal: NodeJS.Signals };

/**
 * How a child that {@link start} started has ended, which can be asked once; null while it runs; or
 * `-errno`.
 */
export function endingOf(pid: number): Ending | number | null {
  calls ??= bindCalls();
  const status = new Int32Array(1);
  const result = calls.waitpid(pid, status, WNOHANG);
  if (result < 0) return result;
  return result === 0 ? null : decodeEnding(status[0] as number);
}

/** `wait.h`: the low 7 bits are a signal, the next but one byte is the exit status. */
function decodeEnding(status: number): Ending {
  const number = status & 0x7f;
  if (number === 0) return { status: (status >> 8) & 0xff, signal: null };
  const known = Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
  return { status: null, signal: (known ?? `signal ${number}`) as NodeJS.Signals };
}

/**
 * Opens to programs the standard streams, and what else they would have got without Node in
 * between.
 */
function passOn({ fcntl }: Pick<Calls, 'fcntl'>, descriptors: readonly number[]): void {
  for (const fd of [0, 1, 2, ...descriptors]) {
    const flags = fcntl(fd, F_GETFD, 0);
    if (flags >= 0 && (flags & FD_CLOEXEC) !== 0) fcntl(fd, F_SETFD, flags & ~FD_CLOEXEC);
  }
  // As Node does for its children: its own streams have set the flag for all who share the
  // descriptor. Since Node 22 that of stderr is there as soon as `node:util` is loaded.
  for (const fd of [0, 1, 2]) {
    const flags = fcntl(fd, F_GETFL, 0);
    if (flags >= 0 && (flags & O_NONBLOCK) !== 0) fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
  }
}

/** `char *[]` of these words, with its NULL, in memory that is never freed. */
function wordArray(words: readonly Uint8Array[]): bigint {
  const pointer = pointerSize();
  const head = (words.length + 1) * pointer;
  const memory = allocate(words.reduce((size, word) => size + word.byteLength, head));
  const view = new DataView(memory.buffer);
  const bytes = new Uint8Array(memory.buffer);
  bytes.fill(0, 0, head);
  let end = head;
  for (const [index, word] of words.entries()) {
    const address = memory.address + BigInt(end);
    if (pointer === 8) view.setBigUint64(index * 8, address, littleEndian);
    else view.setUint32(index * 4, Number(address), littleEndian);
    bytes.set(word, end);
    end += word.byteLength;
  }
  return memory.address;
}

type Calls = ReturnType<typeof bindCalls>;
let calls: Calls | undefined;

const bindCalls = () => ({
  execvp: bind('int execvp(const void *file, const void *argv)'),
  posixSpawn: bind(
    'int posix_spawnp(void *pid, const void *file, const void *actions, const void *attributes, const void *argv, const void *envp)',
  ),
  attributesInit: bind('int posix_spawnattr_init(void *attributes)'),
  attributesFlags: bind('int posix_spawnattr_setflags(void *attributes, short flags)'),
  attributesDefault: bind('int posix_spawnattr_setsigdefault(void *attributes, const void *set)'),
  attributesMask: bind('int posix_spawnattr_setsigmask(void *attributes, const void *set)'),
  actionsInit: bind('int posix_spawn_file_actions_init(void *actions)'),
  actionsDup2: bind('int posix_spawn_file_actions_adddup2(void *actions, int fd, int to)'),
  actionsDestroy: bind('int posix_spawn_file_actions_destroy(void *actions)'),
  waitpid: bind('int waitpid(int pid, void *status, int options)'),
  sigaction: bind('int sigaction(int signal, const void *action, void *before)'),
  // Of the calling thread alone, as pthread_sigmask(3), on Linux.
  sigprocmask: bind('int sigprocmask(int how, const void *set, void *before)'),
  fcntl: bind('int fcntl(int fd, int command, int argument)'),
});
