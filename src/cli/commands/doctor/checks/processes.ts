/**
 * Whether namespaces without a name are found by the processes in them, and how soon. Only `--all`
 * needs it, so that what cannot be seen is no fault.
 */
import { unseenProcesses } from '../../../output/unseen-processes.ts';
import { ok } from '../check.ts';
import type { Check } from '../check.ts';
import type { ProcessFacts } from '../../../host/probe/probe.ts';

export function checkProcesses({ proc, unseen, fault, hints }: ProcessFacts): Check {
  if (unseen === null)
    return found(
      `cannot be looked at (${fault?.message}): namespaces without a name are not found (watch --all)`,
    );
  const missed = unseenProcesses(unseen, proc);
  if (missed !== '') return found(`namespaces without a name may be missed (watch --all): ${missed}`);
  return found(
    hints
      ? 'all can be seen, and the kernel reports new ones (watch --all)'
      : 'all can be seen; the kernel does not report new ones here, so that they are looked for (watch --all)',
  );
}

const found = (text: string): Check => ok('processes', text);
