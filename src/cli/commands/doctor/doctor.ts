/** `nlink doctor`: can this process watch here, and how well; if not, what to do about it. */
import { painter, wantsColour } from '../../output/color.ts';
import type { Colour, Paint } from '../../output/color.ts';
import type { Run } from '../../args/given.ts';
import { directoriesOf } from '../../args/directories.ts';
import { checkAttempt } from './checks/try.ts';
import { worst } from './check.ts';
import type { Check, CheckStatus } from './check.ts';
import { checkContainers } from './checks/containers.ts';
import { checkDirectory } from './checks/directory.ts';
import { checkFeatures } from './checks/features.ts';
import { checkInotify } from './checks/inotify.ts';
import { checkLinks } from './checks/links.ts';
import { checkNetlink } from './checks/netlink.ts';
import { checkPlatform, isSupported } from './checks/platform.ts';
import { checkProcesses } from './checks/processes.ts';
import { checkRights } from './checks/rights.ts';
import { escaped, safeJson } from '../../../format/escape.ts';
import type { Io } from '../../host/io.ts';
import { print } from '../../output/output.ts';
import { procOf } from '../../args/proc-option.ts';

/** The whole: as its worst part, or that nothing can work on this machine. */
type Outcome = CheckStatus | 'unsupported';

const COLOURS: Readonly<Record<CheckStatus, Colour>> = { ok: 'green', degraded: 'yellow', broken: 'red' };

const SUMMARY: Readonly<Record<Outcome, string>> = {
  ok: 'Watching works here.',
  degraded: 'Watching works here, with the limits above.',
  broken: 'Something is broken.',
  unsupported: 'Watching cannot work here.',
};

export const doctor: Run = async ({ options }, io) => {
  const proc = await procOf(options, io);
  const { checks, supported } = await examine(directoriesOf(options), options.has('try'), proc, io);
  const outcome: Outcome = supported ? worst(checks) : 'unsupported';
  if (options.has('json')) await print(`${safeJson({ status: outcome, checks })}\n`, io);
  else {
    const paint = painter(wantsColour(io.env, io.stdout.isTTY === true, options.has('no-color')));
    await print(`${checks.map((check) => asLines(check, paint)).join('')}${SUMMARY[outcome]}\n`, io);
  }
  if (outcome === 'unsupported') return 3;
  return outcome === 'broken' || (outcome === 'degraded' && options.has('strict')) ? 1 : 0;
};

async function examine(
  directories: readonly [string, ...string[]],
  attempt: boolean,
  proc: string,
  io: Io,
): Promise<{ checks: Check[]; supported: boolean }> {
  const probe = await io.probe(proc);
  const platform = probe.platform();
  const checks = checkPlatform(platform);
  if (!isSupported(platform)) return { checks, supported: false };
  for (const directory of directories) checks.push(...checkDirectory(await probe.directory(directory)));
  // Where /proc may not be read, its facts would look as if there were none.
  const readable = platform.procRefused === null;
  checks.push(
    ...checkContainers(io.containerDirectories(directories)),
    ...(readable ? checkInotify(await probe.inotify()) : []),
    ...checkNetlink(await probe.netlink()),
    checkLinks(await probe.links(directories)),
    ...checkFeatures(probe.features()),
    ...(readable ? [checkProcesses(await probe.processes())] : []),
    ...(readable ? checkRights(probe.rights()) : []),
  );
  if (attempt) {
    const stop = new AbortController();
    const release = io.onStop(() => stop.abort());
    try {
      checks.push(...checkAttempt(await probe.attempt(directories[0], stop.signal)));
    } finally {
      release();
    }
  }
  return { checks, supported: true };
}

/** As wide as the longest name. */
const NAME_WIDTH = 'inotify instances'.length;
const STATUS_WIDTH = 'degraded'.length;

function asLines({ name, status, found, remedy }: Check, paint: Paint): string {
  const line = `${paint(COLOURS[status], status.padEnd(STATUS_WIDTH))}  ${name.padEnd(NAME_WIDTH)}  ${escaped(found)}\n`;
  return remedy === null
    ? line
    : `${line}${' '.repeat(STATUS_WIDTH)}  ${'remedy'.padStart(NAME_WIDTH)}  ${escaped(remedy)}\n`;
}
