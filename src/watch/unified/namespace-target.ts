/** What the kernel is asked about: a named namespace, or that of a process. Types only. */
import type { MaybePromise } from '../stream/chain.ts';
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

/** A namespace that neither a name nor a process leads to: it is asked for by its number. */
export interface NumberedNamespace {
  /** Its nsid in the observer's namespace; null: none; undefined: it could not be asked. */
  nsidHere: () => MaybePromise<number | null | undefined>;
}

/** What the kernel is asked for. */
export type NamespaceTarget = NamedNamespace | MemberProcess | NumberedNamespace;
