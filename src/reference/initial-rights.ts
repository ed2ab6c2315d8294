/**
 * Whether the kernel hides any namespace from the caller. Such questions are asked of the caller's
 * own place, which says nothing about what a filter forbids him besides.
 */
import type { System } from '../sys/system.ts';
import { cPath } from './names.ts';
import { hasAdmin } from './round-trip.ts';

/**
 * The first namespaces, the same on every kernel since 3.8 (linux/proc_ns.h): PROC_USER_INIT_INO,
 * PROC_PID_INIT_INO.
 */
const FIRST = { user: 'user:[4026531837]', pid: 'pid:[4026531836]' } as const;

/** Whether the caller has CAP_SYS_ADMIN in the first user namespace, and so over each one. */
export const isInitialAdmin = (system: System): boolean => isInFirst(system, 'user') && hasAdmin(system);

/**
 * Whether listns(2) shows the caller every namespace: as {@link isInitialAdmin}, and he is in the
 * first process namespace (`may_see_all_namespaces` in kernel/nscommon.c).
 */
export const seesAllNamespaces = (system: System): boolean =>
  isInFirst(system, 'pid') && isInitialAdmin(system);

function isInFirst(system: System, kind: keyof typeof FIRST): boolean {
  const link = system.readLink(cPath(`/proc/thread-self/ns/${kind}`));
  return typeof link !== 'number' && link.toString() === FIRST[kind];
}
