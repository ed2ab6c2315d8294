/**
 * Which features of the kernel are in use, and which are replaced by what also works, if with more
 * effort.
 */
import { degraded, ok } from '../check.ts';
import type { Check } from '../check.ts';
import type { FeatureFacts } from '../../../host/probe/probe.ts';

export function checkFeatures({ handles, mountChanges }: FeatureFacts): Check[] {
  return [
    ok('identity', handles ? 'by kernel id' : 'by inode and time (Linux 6.18 and later have a kernel id)'),
    mountChanges === true
      ? ok('mount changes', 'reported by /proc/self/mountinfo')
      : degraded(
          'mount changes',
          `not reported (${mountChanges}): names are polled`,
          'mount /proc, and allow epoll_ctl(2) in the sandbox',
        ),
  ];
}
