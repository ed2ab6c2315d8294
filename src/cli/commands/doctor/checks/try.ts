/** The proof: a namespace was made, seen and deleted. */
import { broken, degraded, ok, remedyOf, saidOf } from '../check.ts';
import type { Check } from '../check.ts';
import type { AttemptFacts } from '../../../host/probe/probe.ts';

/** Rights alone are missing: nothing is wrong with watching. */
const REFUSED = new Set(['EPERM', 'EACCES', 'EROFS', 'ERR_NLINK_NO_RETURN']);

export function checkAttempt(facts: AttemptFacts): Check[] {
  const name = 'try';
  if (facts.done) {
    const [created, deleted] = [facts.created, facts.deleted].map((time) => time.toFixed(1));
    return [ok(name, `created a namespace, ready after ${created} ms; deleted it, gone after ${deleted} ms`)];
  }
  const { at, fault } = facts;
  const found = `could not ${at} a namespace: ${saidOf(fault)}`;
  if (at === 'make' && REFUSED.has(fault.code))
    return [degraded(name, found, remedyOf(fault, 'run it as root, or leave --try out'))];
  return [broken(name, found, remedyOf(fault, 'see the other lines'))];
}
