/**
 * The owner of a namespace in words: `docker 4f797c539e6c`; a unit by its name, which says what it
 * is.
 */
import { isUnit } from '../netns/processes/owner-label.ts';
import type { ProcessOwner } from '../netns/processes/process-owner.ts';
import { shown } from './escape.ts';

export const ownerText = (owner: ProcessOwner): string =>
  isUnit(owner) ? shown(owner.name) : `${owner.kind} ${shown(owner.name)}`;
