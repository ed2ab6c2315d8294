/**
 * Whether nlink can work on this machine at all: Node, the C library through koffi, wakes, the
 * kernel, /proc.
 */
import { broken, degraded, ok } from '../check.ts';
import type { Check } from '../check.ts';
import type { PlatformFacts } from '../../../host/probe/probe.ts';

/** The oldest Node that `engines` of package.json allows. */
const NODE: readonly [major: number, minor: number] = [20, 19];

export function checkPlatform(facts: PlatformFacts): Check[] {
  const checks = [checkNode(facts), checkLibrary(facts), ...checkWakes(facts)];
  return facts.platform === 'linux' ? [...checks, checkKernel(facts), checkProc(facts)] : checks;
}

/** Whether the other checks mean anything here. */
export const isSupported = ({ platform, library, wakes, proc }: PlatformFacts): boolean =>
  platform === 'linux' && library === null && wakes === null && proc;

/** Whether a version is at least that one. */
function atLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [ofMajor = 0, ofMinor = 0] = version.split('.').map((part) => parseInt(part, 10));
  return ofMajor > major || (ofMajor === major && ofMinor >= minor);
}

function checkNode({ node, runtime, platform, arch }: PlatformFacts): Check {
  const by = runtime === `Node ${node}` ? runtime : `${runtime} in place of Node ${node}`;
  const found = `${by} on ${platform}-${arch}`;
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

/** Nothing where they can be had, as under every Node. */
function checkWakes({ wakes }: PlatformFacts): Check[] {
  return wakes === null ? [] : [broken('wakes', wakes.message, 'run nlink with Node or Deno')];
}

function checkKernel({ kernel }: PlatformFacts): Check {
  const found = `Linux ${kernel}`;
  if (!atLeast(kernel, [3, 19])) return broken('kernel', found, 'requires Linux 3.19 or later');
  if (!atLeast(kernel, [4, 1]))
    return degraded('kernel', `${found}: it has no nsid events`, 'requires Linux 4.1 or later');
  return ok('kernel', found);
}

function checkProc({ proc, procRefused }: PlatformFacts): Check {
  if (proc && procRefused !== null)
    return degraded(
      'proc',
      '/proc is mounted, but this process may not read it: limits, rights and processes are unknown',
      procRefused,
    );
  return proc
    ? ok('proc', '/proc is mounted')
    : broken('proc', '/proc/self/ns/net does not exist', 'mount it: mount -t proc proc /proc');
}
