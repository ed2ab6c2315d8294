/** Whether inotify, which reports names, works, and how close its limits are (inotify(7)). */
import { broken, degraded, ok } from '../check.ts';
import type { Check } from '../check.ts';
import type { InotifyFacts, Limit } from '../../../host/probe/probe.ts';

/** Less than this part being left is too little for comfort. */
const SPARE = 0.1;

export function checkInotify({ instances, watches, initFault, watchFault }: InotifyFacts): Check[] {
  const checks = [checkLimit('inotify instances', instances, initFault, 'EMFILE')];
  if (initFault === null) checks.push(checkLimit('inotify watches', watches, watchFault, 'ENOSPC'));
  return checks;
}

function checkLimit(name: string, limit: Limit, fault: string | null, exhausted: string): Check {
  const { sysctl, most, used } = limit;
  const found = most === null ? `${used} in use by this user` : `${used} of ${most} in use by this user`;
  const raise = `raise the sysctl ${sysctl}, such as sysctl ${sysctl}=${Math.max(1024, 2 * (most ?? 0))}, or stop what uses them`;
  if (fault === exhausted)
    return broken(name, `none left (${fault}): ${found}`, `${raise}; or raise ulimit -n`);
  if (fault !== null)
    return broken(
      name,
      `not available (${fault})`,
      'allow inotify_init1(2) and inotify_add_watch(2) in the seccomp filter or sandbox',
    );
  if (most !== null && most - used < most * SPARE) return degraded(name, found, raise);
  return ok(name, found);
}
