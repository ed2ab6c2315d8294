/** Why there may be no user namespace, by what can be read. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { whyNoUserNamespace } from '../../src/sys/user-namespaces.ts';

const REFUSED = 'unshare: unshare failed: Operation not permitted';
const FULL = 'unshare: unshare failed: No space left on device';
/** As on a plain kernel that allows them. */
const PLAIN = {
  '/proc/sys/user/max_user_namespaces': '9000\n',
  '/proc/sys/user/max_net_namespaces': '9000\n',
  '/proc/self/uid_map': '0 0 4294967295\n',
  '/proc/thread-self/status': 'NoNewPrivs:\t0\nSeccomp:\t0\nSeccomp_filters:\t0\n',
};

for (const [what, said, texts, expected] of [
  [
    'the patch of Debian',
    REFUSED,
    { '/proc/sys/kernel/unprivileged_userns_clone': '0\n' },
    /^the sysctl kernel\.unprivileged_userns_clone is 0: set it to 1$/,
  ],
  [
    'AppArmor of Ubuntu',
    'unshare: write failed /proc/self/uid_map: Operation not permitted',
    { '/proc/sys/kernel/apparmor_restrict_unprivileged_userns': '1\n' },
    /^the sysctl kernel\.apparmor_restrict_unprivileged_userns is 1: give this program an AppArmor profile/,
  ],
  [
    'both, which allow it, and a limit',
    FULL,
    {
      '/proc/sys/kernel/unprivileged_userns_clone': '1\n',
      '/proc/sys/kernel/apparmor_restrict_unprivileged_userns': '0\n',
      '/proc/sys/user/max_user_namespaces': '0\n',
    },
    /^the sysctl user\.max_user_namespaces is 0: raise it$/,
  ],
  [
    'two at once',
    FULL,
    { '/proc/sys/user/max_user_namespaces': '0\n', '/proc/sys/user/max_net_namespaces': '0\n' },
    /^the sysctl user\.max_user_namespaces is 0: raise it; the sysctl user\.max_net_namespaces is 0: raise it$/,
  ],
  [
    'a limit above zero',
    FULL,
    {},
    /^a limit of namespaces is reached, .*\(here, user\.max_user_namespaces is 9000, /,
  ],
  [
    'a filter',
    REFUSED,
    { '/proc/thread-self/status': 'NoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t1\n' },
    /^a seccomp filter is in force, .*may be what forbids it/,
  ],
  ['a kernel without', REFUSED, { '/proc/self/uid_map': null }, /^this kernel has no user namespaces/],
  [
    'nothing that says so',
    REFUSED,
    {},
    /^nothing that was read forbids it \(user\.max_user_namespaces is 9000, user\.max_net_namespaces is 9000; no seccomp filter\)/,
  ],
] as const)
  test(what, () => {
    const all: Record<string, string | null> = { ...PLAIN, ...texts };
    assert.match(
      whyNoUserNamespace(said, (path) => all[path] ?? null),
      expected,
    );
  });

test('on this machine: something, whatever it is', () => {
  assert.notEqual(whyNoUserNamespace(REFUSED), '');
});
