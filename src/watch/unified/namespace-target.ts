/** What the kernel is asked about: a named namespace, or that of a process. Types only. */
import type { NamespaceId } from '../../netns/identity/identity.ts';

/** A namespace to ask for, and the path that should lead to it. */
export interface NamedNamespace {
  path: string;
  namespace: NamespaceId;
}

/** A process or thread in a namespace: the kernel is asked by its number. */
export interface MemberProcess {
  pid: number;
  /** Whether it is in it now: the number may be another one's. */
  isInside: () => boolean;
}

/** What the kernel is asked for. */
export type NamespaceTarget = NamedNamespace | MemberProcess;
