/**
 * Runs the child that opens sockets in a network namespace of its own: unshare(1), of util-linux or
 * busybox, makes that in a user namespace of its own, where whoever made it is root, and becomes
 * the runtime, which runs scratch-child.ts. (unshare(2) refuses to make a user namespace where
 * there are threads, as in this process.)
 */
import { createRequire } from 'node:module';
import { runBriefly } from '../sys/brief-program.ts';
import { ownRuntime } from '../sys/own-runtime.ts';

/**
 * @param descriptor for the child to send by, and to say on what it fails; stays the caller's
 * @param count how many sockets it is to send, in one message
 * @returns how it ended, in words, whether it sent them or not
 * @throws what `child_process.spawn` throws
 */
export type RunScratchChild = (descriptor: number, count: number) => Promise<string>;

/** A runtime starts in a tenth of a second, and on a machine that is emulated in some. */
const DEADLINE_MS = 10_000;

/**
 * Where the script is: beside what it belongs to; from the command, one above; unbundled, as it is
 * compiled.
 */
const SCRIPTS = ['./scratch-child.cjs', '../scratch-child.cjs', './scratch-child.js'];

/** Maps the user to root there, who keeps his capabilities over execve(2). */
const AS_OTHERS = ['-Urn'] as const;
/**
 * Root may be mapped by those alone who have CAP_SETFCAP (`verify_root_map` in
 * kernel/user_namespace.c). Ambient capabilities are kept without that, but take util-linux 2.36.
 */
const AS_ROOT = ['-Un', '--keep-caps'] as const;

export const runScratchChild: RunScratchChild = async (descriptor, count) => {
  const script = findScript();
  if (script === null) return `its script, ${SCRIPTS[0]}, is not beside nlink: do not bundle nlink`;
  const runtime = ownRuntime(script);
  if (typeof runtime === 'string') return runtime;
  const { words, environment = {} } = runtime;
  const deadline = DEADLINE_MS;
  const unshare = ['unshare', ...(process.geteuid?.() === 0 ? AS_ROOT : AS_OTHERS)] as const;
  const child = { words: [...unshare, ...words, String(count)], environment, deadline } as const;
  return `${unshare.join(' ')} ${await runBriefly(child, descriptor)}`;
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
