/**
 * The owner of a namespace in words: `docker 4f797c539e6c`; a unit by its name, which says what it
 * is.
 */
import type { ProcessOwner, ProcessOwnerKind } from '../../netns/processes/process-owner.ts';
import { shown } from './escape.ts';

const UNITS: ReadonlySet<ProcessOwnerKind> = new Set(['service', 'scope', 'session']);

/** Whether its name says what it is. */
export const isUnit = ({ kind }: ProcessOwner): boolean => UNITS.has(kind);

export const ownerText = (owner: ProcessOwner): string =>
  isUnit(owner) ? shown(owner.name) : `${owner.kind} ${shown(owner.name)}`;
