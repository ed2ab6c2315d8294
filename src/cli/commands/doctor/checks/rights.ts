/**
 * What this process may do and has left: capabilities(7), seccomp(2), open files, namespaces. What
 * is not needed is no fault.
 */
import type { ProcessOwner } from '../../../../netns/processes/process-owner.ts';
import { ownerText } from '../../../../format/owner-text.ts';
import { degraded, ok } from '../check.ts';
import type { Check } from '../check.ts';
import type { RightsFacts } from '../../../host/probe/probe.ts';

/** Bits of capabilities, and what is not possible without them. */
const CAPABILITIES: readonly [bit: bigint, name: string, otherwise: string][] = [
  [11n, 'CAP_NET_BROADCAST', 'no nsid events of other namespaces (watch --all-namespaces)'],
  [12n, 'CAP_NET_ADMIN', 'cannot assign nsids (set, watch --assign-nsids)'],
  [19n, 'CAP_SYS_PTRACE', 'cannot inspect processes of other users (explain, pids)'],
  [21n, 'CAP_SYS_ADMIN', 'cannot create or enter namespaces (add, delete, exec)'],
];

/** Open files that a watcher and its host program may still need. */
const FILES = 64;

export function checkRights(facts: RightsFacts): Check[] {
  const { capabilities, seccomp, openFiles, maxNamespaces, owner } = facts;
  const checks = [checkOwner(owner), checkCapabilities(capabilities)];
  if (seccomp !== null)
    checks.push(
      ok(
        'seccomp',
        seccomp === 0 ? 'no filter' : 'a filter is active; see the other lines for what it denies',
      ),
    );
  checks.push(checkFiles(openFiles));
  if (maxNamespaces !== null) checks.push(checkNamespaces(maxNamespaces));
  return checks;
}

/** Where its own unit is unknown, containers and units of other processes mostly are too. */
const checkOwner = (owner: ProcessOwner | null): Check =>
  ok(
    'owner',
    owner === null
      ? 'none found for this process: no unit, or a cgroup namespace of its own'
      : `this process belongs to ${ownerText(owner)}`,
  );

function checkCapabilities(capabilities: bigint): Check {
  const has = ([bit]: readonly [bigint, string, string]): boolean => ((capabilities >> bit) & 1n) === 1n;
  const held = CAPABILITIES.filter(has).map(([, name]) => name);
  const missing = CAPABILITIES.filter((one) => !has(one)).map(
    ([, name, otherwise]) => `without ${name}: ${otherwise}`,
  );
  return ok(
    'capabilities',
    [held.length === 0 ? 'none, and watching needs none' : held.join(', '), ...missing].join('; '),
  );
}

function checkFiles({ most, used }: RightsFacts['openFiles']): Check {
  const name = 'open files';
  if (most === null) return ok(name, `${used}, without a limit`);
  const found = `${used} of ${most}`;
  return most - used < FILES
    ? degraded(name, found, 'raise ulimit -n (systemd: LimitNOFILE)')
    : ok(name, found);
}

function checkNamespaces(most: number): Check {
  const name = 'namespace limit';
  if (most > 0) return ok(name, `at most ${most} network namespaces for this user (user.max_net_namespaces)`);
  return degraded(
    name,
    'no network namespace may be made (user.max_net_namespaces is 0)',
    'raise that sysctl',
  );
}
