/** Whether nlink can work on this machine at all: Node, the C library through koffi, the kernel, /proc. */
import { broken, degraded, ok } from './check.ts';
import type { Check, Fault } from './check.ts';

export interface PlatformFacts {
  /** As `process.versions.node`. */
  node: string;
  platform: string;
  arch: string;
  /** Why the C library cannot be called; null: it can. */
  library: Fault | null;
  /** As `os.release()`. */
  kernel: string;
  /** Whether /proc/self/ns/net is there. */
  proc: boolean;
}

/** The oldest Node that `engines` of package.json allows. */
const NODE: readonly [major: number, minor: number] = [20, 19];

export function checkPlatform(facts: PlatformFacts): Check[] {
  const checks = [checkNode(facts), checkLibrary(facts)];
  return facts.platform === 'linux' ? [...checks, checkKernel(facts), checkProc(facts)] : checks;
}

/** Whether the other checks mean anything here. */
export const isSupported = ({ platform, library, proc }: PlatformFacts): boolean =>
  platform === 'linux' && library === null && proc;

/** Whether a version is at least that one. */
function atLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [ofMajor = 0, ofMinor = 0] = version.split('.').map((part) => parseInt(part, 10));
  return ofMajor > major || (ofMajor === major && ofMinor >= minor);
}

function checkNode({ node, platform, arch }: PlatformFacts): Check {
  const found = `Node ${node} on ${platform}-${arch}`;
  return atLeast(node, NODE)
    ? ok('node', found)
    : broken('node', found, `install Node ${NODE.join('.')} or later`);
}

function checkLibrary({ library }: PlatformFacts): Check {
  if (library === null) return ok('library', 'koffi calls the C library');
  const remedy =
    library.code === 'ERR_NLINK_UNSUPPORTED_PLATFORM'
      ? 'run nlink on Linux'
      : 'run npm ci on this machine, with optional dependencies, for a processor and C library that koffi has binaries for';
  return broken('library', library.message, remedy);
}

function checkKernel({ kernel }: PlatformFacts): Check {
  const found = `Linux ${kernel}`;
  if (!atLeast(kernel, [3, 19])) return broken('kernel', found, 'Linux 3.19 or later is needed');
  if (!atLeast(kernel, [4, 1]))
    return degraded(
      'kernel',
      `${found}: it tells nobody of namespace ids`,
      'Linux 4.1 or later tells of them',
    );
  return ok('kernel', found);
}

function checkProc({ proc }: PlatformFacts): Check {
  return proc
    ? ok('proc', '/proc is mounted')
    : broken('proc', '/proc/self/ns/net is not there', 'mount it: mount -t proc proc /proc');
}
