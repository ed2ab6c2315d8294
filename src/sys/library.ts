/**
 * Loads koffi on first use, so that importing nlink costs nothing and works on any platform, and
 * binds functions of the C library. With readiness.ts the only file that knows koffi. Every bound
 * function follows the kernel's own convention: a result of zero or more, or `-errno`.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';
import { NlinkError } from '../errors.ts';
import { loadRefusal } from './permission.ts';

type Koffi = (typeof import('koffi'))['default'];
type Callable = (...args: unknown[]) => unknown;
/** A bound function: zero or more on success, `-errno` on failure. */
export type Call = (...args: unknown[]) => number;

let loaded: { koffi: Koffi; libc: ReturnType<Koffi['load']> } | undefined;

/** @throws NlinkError `ERR_NLINK_UNSUPPORTED_PLATFORM`, `ERR_NLINK_NATIVE_LIBRARY` */
function load(): NonNullable<typeof loaded> {
  if (loaded !== undefined) return loaded;
  if (process.platform !== 'linux') {
    throw new NlinkError(
      'ERR_NLINK_UNSUPPORTED_PLATFORM',
      `Network namespaces exist on Linux only; this is ${process.platform}`,
    );
  }
  try {
    const require = createRequire(import.meta.url);
    const koffi = require('koffi') as Koffi;
    const libc = koffi.load(null);
    if (!isMainThread) keepLoaded(libc);
    loaded = { koffi, libc };
  } catch (cause) {
    const what = `koffi, which calls the C library, could not be loaded on ${process.platform}-${process.arch}`;
    const refused = loadRefusal(cause);
    throw new NlinkError(
      'ERR_NLINK_NATIVE_LIBRARY',
      refused !== null
        ? `${what}: ${refused}`
        : `${what}. Install nlink without --no-optional (koffi ships its binaries as optional dependencies), on the machine that runs it`,
      { cause },
    );
  }
  return loaded;
}

/**
 * Keeps koffi's code in memory (dlopen(3)). Node unloads it with the last worker thread that used
 * it, before libuv has called what it is to call when a descriptor is no longer watched.
 */
function keepLoaded(libc: ReturnType<Koffi['load']>): void {
  const dlopen = libc.func('void *dlopen(const char *path, int flags)') as Callable;
  const mapped = readFileSync('/proc/self/maps', 'utf8').match(/\/.*\/koffi\.node$/gm);
  for (const path of new Set(mapped)) dlopen(path, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
}

const RTLD_NOW = 2;
const RTLD_NOLOAD = 4;
const RTLD_NODELETE = 0x1000;

/** The loaded koffi, for readiness.ts alone. */
export function koffi(): Koffi {
  return load().koffi;
}

/** Bytes of a pointer in C. */
export const pointerSize = (): 4 | 8 => (koffi().sizeof('void *') === 8 ? 8 : 4);

/** Whether the process has a C function of this name, its own or a library's. */
export function hasSymbol(name: string): boolean {
  try {
    load().libc.symbol(name);
    return true;
  } catch (error) {
    if (error instanceof NlinkError) throw error;
    return false;
  }
}

/** What a variable of the C library that is a pointer holds, such as `environ`. */
export function pointerVariable(name: string): bigint {
  const { koffi, libc } = load();
  return koffi.decode(libc.symbol(name), 'void *') as bigint;
}

/** Memory outside of JavaScript, which is never freed. */
export function allocate(size: number): { address: bigint; buffer: ArrayBuffer } {
  const memory: unknown = koffi().alloc('uint8_t', size);
  return { address: koffi().address(memory), buffer: koffi().view(memory, size) };
}

/**
 * Binds a C function whose failure is -1 with `errno`. A call that a signal interrupted (EINTR) is
 * made again: nothing that is bound here blocks.
 */
export function bind(prototype: string): Call {
  const { koffi, libc } = load();
  const native = libc.func(prototype) as Callable;
  const { errno } = koffi;
  return withArity(prototype.split(',').length, native, () => {
    const number = errno();
    return number === EINTR ? null : -number;
  });
}

/**
 * Calls with as many arguments as a function has. A program that is mostly idle pays for each
 * function on the way and for each list of arguments ten times what they cost in a loop.
 * @param failed what becomes of -1; null: it is to be called again
 */
function withArity(arity: number, native: Callable, failed: () => number | null): Call {
  const settle = (args: readonly unknown[]): number => {
    for (;;) {
      const result = failed();
      if (result !== null) return result;
      const again = native(...args) as number;
      if (again !== -1) return again;
    }
  };
  switch (arity) {
    case 1:
      return (a) => {
        const result = native(a) as number;
        return result === -1 ? settle([a]) : result;
      };
    case 2:
      return (a, b) => {
        const result = native(a, b) as number;
        return result === -1 ? settle([a, b]) : result;
      };
    case 3:
      return (a, b, c) => {
        const result = native(a, b, c) as number;
        return result === -1 ? settle([a, b, c]) : result;
      };
    case 4:
      return (a, b, c, d) => {
        const result = native(a, b, c, d) as number;
        return result === -1 ? settle([a, b, c, d]) : result;
      };
    case 5:
      return (a, b, c, d, e) => {
        const result = native(a, b, c, d, e) as number;
        return result === -1 ? settle([a, b, c, d, e]) : result;
      };
    default:
      return (...args) => {
        const result = native(...args) as number;
        return result === -1 ? settle(args) : result;
      };
  }
}

/** As {@link bind}, but -EINTR is given back: for what must not be made again, such as close(2). */
export function bindOnce(prototype: string): Call {
  const { koffi, libc } = load();
  const native = libc.func(prototype) as Callable;
  return (...args) => {
    const result = native(...args) as number;
    return result === -1 ? -koffi.errno() : result;
  };
}

/** As {@link bind}, or null where the C library has no such function. */
export function bindIfPresent(prototype: string): Call | null {
  try {
    return bind(prototype);
  } catch (error) {
    if (error instanceof NlinkError) throw error;
    return null;
  }
}

const EINTR = 4;
