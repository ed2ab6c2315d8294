/**
 * Why a process without privilege may not make a user namespace and a network namespace in it, by
 * what can be read: user_namespaces(7), namespaces(7), and what distributions add to them. Reading
 * changes nothing and never fails; what does not say anything is not taken for a reason.
 */
import { readFileSync } from 'node:fs';

/** The text of a file of /proc, or null. */
export type ReadText = (path: string) => string | null;

interface Sysctl {
  name: string;
  forbids: (value: string) => boolean;
  remedy: string;
}

const isZero = (value: string): boolean => value === '0';

const SYSCTLS: readonly Sysctl[] = [
  // A patch of Debian, Arch Linux and others, and not in each of their kernels.
  { name: 'kernel.unprivileged_userns_clone', forbids: isZero, remedy: 'set it to 1' },
  // A patch of Ubuntu.
  {
    name: 'kernel.apparmor_restrict_unprivileged_userns',
    forbids: (value) => value !== '0',
    remedy: 'give this program an AppArmor profile with `userns,`, or set it to 0',
  },
  { name: 'user.max_user_namespaces', forbids: isZero, remedy: 'raise it' },
  { name: 'user.max_net_namespaces', forbids: isZero, remedy: 'raise it' },
];

/** `Seccomp` in proc_pid_status(5): a filter is in force. */
const FILTERED = /^Seccomp:\s*2$/m;
const FILTER =
  'a seccomp filter is in force, as of a container or of systemd, and may be what forbids it: it must let unshare(2) pass with CLONE_NEWUSER and CLONE_NEWNET';

/** What unshare(1) says of ENOSPC in the C locale. */
const FULL = 'No space left on device';

/**
 * A sentence's end, such as `user.max_user_namespaces is 0: raise it`.
 * @param said what unshare(1) said
 */
export function whyNoUserNamespace(said: string, text: ReadText = textOf): string {
  const read: string[] = [];
  const reasons: string[] = [];
  for (const { name, forbids, remedy } of SYSCTLS) {
    const value = text(`/proc/sys/${name.replaceAll('.', '/')}`)?.trim();
    if (value === undefined) continue;
    read.push(`${name} is ${value}`);
    if (forbids(value)) reasons.push(`the sysctl ${name} is ${value}: ${remedy}`);
  }
  if (reasons.length > 0) return reasons.join('; ');
  if (text('/proc/self/uid_map') === null) return 'this kernel has no user namespaces (CONFIG_USER_NS)';
  const found = read.join(', ') || 'no sysctl could be read';
  if (said.includes(FULL))
    return `a limit of namespaces is reached, here or in an outer user namespace: raise it (here, ${found})`;
  if (FILTERED.test(text('/proc/thread-self/status') ?? '')) return FILTER;
  return `nothing that was read forbids it (${found}; no seccomp filter): it may be a security module, or a chroot(2)`;
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}
