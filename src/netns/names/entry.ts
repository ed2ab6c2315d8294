/**
 * One name and what stands behind it: the record of a listing and of a watcher's live state.
 */
import { joinPath } from '../../reference/names.ts';
import type { NamespaceId } from '../identity/identity.ts';
import type { NotReadyReason, Observation } from '../identity/observe.ts';
import type { NameVerdict } from '../diagnosis/verdict.ts';

/** What names a namespace. */
export interface Named {
  /**
   * The name. A byte that is not UTF-8 stands as the lone surrogate U+DC00 plus the byte;
   * `encodeName` gives the bytes.
   */
  name: string;
  /** `directory/name`, in the same spelling. */
  path: string;
}

/** A name, where it is. */
export interface LocatedName extends Named {
  /** The directory, as the option spelled it. */
  directory: string;
}

/** One name of a listing or of the live state. */
export type NamespaceEntry = Named &
  (
    | {
        ready: true;
        /** The namespace that can be entered by it. */
        namespace: NamespaceId;
      }
    | {
        ready: false;
        /** None that can be entered. */
        namespace: null;
        /** Why it cannot be entered. */
        reason: NotReadyReason;
        /** What shows that; only where `diagnoseNames` was asked. */
        verdict?: NameVerdict;
      }
  );

/** What was found behind something that counts as a name: subdirectories do not. */
export type NameObservation = Extract<Observation, { kind: 'namespace' | 'file' }>;

/** The entry for a name as it was found. */
export function entryOf(directory: string, name: string, found: NameObservation): NamespaceEntry {
  const path = joinPath(directory, name);
  return found.kind === 'namespace'
    ? { name, path, ready: true, namespace: found.namespace }
    : { name, path, ready: false, namespace: null, reason: found.reason };
}
