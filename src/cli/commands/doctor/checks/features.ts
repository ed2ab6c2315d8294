/**
 * Which features of the kernel are in use, and which are replaced by what also works, if with more
 * effort.
 */
import { degraded, ok } from '../check.ts';
import type { Check } from '../check.ts';
import type { FeatureFacts } from '../../../host/probe/probe.ts';

export function checkFeatures({ handles, mountChanges }: FeatureFacts): Check[] {
  return [
    ok(
      'identity',
      handles
        ? "by the kernel's own id of a namespace"
        : 'by inode and time, which stand in for the id that Linux 6.18 and later tell',
    ),
    mountChanges === true
      ? ok('mount changes', 'told by /proc/self/mountinfo')
      : degraded(
          'mount changes',
          `not told (${mountChanges}): a name is looked at by a timer`,
          'mount /proc, and allow epoll_ctl(2) in the sandbox',
        ),
  ];
}
