/**
 * The owner of a namespace in words: `docker 4f797c539e6c`; a unit by its name, which says what it
 * is.
 */
import type { ProcessOwner, ProcessOwnerKind } from '../../netns/processes/process-owner.ts';
import { shown } from './escape.ts';

const UNITS: ReadonlySet<ProcessOwnerKind> = new Set(['service', 'scope', 'session']);

export const ownerText = ({ kind, name }: ProcessOwner): string =>
  UNITS.has(kind) ? shown(name) : `${kind} ${shown(name)}`;
