/** The owner of a namespace in one text: `docker 4f797c539e6c`; a unit by its name alone. */
import type { ProcessOwner, ProcessOwnerKind } from './process-owner.ts';

const UNITS: ReadonlySet<ProcessOwnerKind> = new Set(['service', 'scope', 'session']);

/** Whether its name says what it is. */
export const isUnit = ({ kind }: ProcessOwner): boolean => UNITS.has(kind);

/** As it is: nothing is escaped. */
export const ownerLabel = (owner: ProcessOwner): string =>
  isUnit(owner) ? owner.name : `${owner.kind} ${owner.name}`;
