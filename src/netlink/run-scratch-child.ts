/**
 * Runs the child that opens sockets in a network namespace of its own: unshare(1), of util-linux or
 * busybox, makes that in a user namespace of its own, where whoever made it is root, and becomes
 * the runtime, which runs scratch-child.ts. (unshare(2) refuses to make a user namespace where
 * there are threads, as in this process.)
 */
import { createRequire } from 'node:module';
import { runBriefly } from '../sys/brief-program.ts';
import type { BriefProgram } from '../sys/brief-program.ts';
import { ownRuntime } from '../sys/own-runtime.ts';

/**
 * @param descriptor for the child to send by, and to say on what it fails; stays the caller's
 * @param count how many sockets it is to send, in one message
 * @param signal ends it
 * @returns how it ended, in words, whether it sent them or not
 * @throws what `child_process.spawn` throws
 */
export type RunScratchChild = (descriptor: number, count: number, signal?: AbortSignal) => Promise<string>;

/** A runtime starts in a tenth of a second, and on a machine that is emulated in some. */
const DEADLINE_MS = 10_000;

/**
 * Where the script is: beside what it belongs to; from the command, one above; unbundled, as it is
 * compiled.
 */
const SCRIPTS = ['./scratch-child.cjs', '../scratch-child.cjs', './scratch-child.js'];

/** Who is mapped to root there keeps his capabilities over execve(2). */
const MAPPED = '-Urn';
/**
 * Root may be mapped by those alone who have CAP_SETFCAP (`verify_root_map` in
 * kernel/user_namespace.c). Ambient capabilities are kept without that, but take util-linux 2.36.
 */
const UNMAPPED = ['-Un', '--keep-caps'] as const;
/** What {@link runBriefly} says of unshare(1) that failed. */
const REFUSED = ' status 1';

export const runScratchChild: RunScratchChild = async (descriptor, count, signal) => {
  const script = findScript();
  if (script === null) return `its script, ${SCRIPTS[0]}, is not beside nlink: do not bundle nlink`;
  const runtime = ownRuntime(script);
  if (typeof runtime === 'string') return runtime;
  const { words, environment = {} } = runtime;
  const attempt = async (...flags: string[]): Promise<string> => {
    const all: BriefProgram['words'] = ['unshare', ...flags, ...words, String(count)];
    const how = await runBriefly({ words: all, environment, deadline: DEADLINE_MS, signal }, descriptor);
    return `unshare ${flags.join(' ')} ${how}`;
  };
  const first = await attempt(MAPPED);
  if (!first.endsWith(REFUSED) || process.geteuid?.() !== 0) return first;
  return `${first}, ${await attempt(...UNMAPPED)}`;
};

function findScript(): string | null {
  const { resolve } = createRequire(import.meta.url);
  for (const script of SCRIPTS) {
    try {
      return resolve(script);
    } catch {
      // Not there.
    }
  }
  return null;
}
