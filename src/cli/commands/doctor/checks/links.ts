/**
 * How far the links of all namespaces can be seen. Only `links`, `watch --links` and `explain` of a
 * link need it, so that what is missing is no fault.
 */
import { ok, saidOf } from '../check.ts';
import type { Check } from '../check.ts';
import type { LinkFacts } from '../../../host/probe/probe.ts';

const RIGHTS = 'CAP_SYS_ADMIN, CAP_NET_ADMIN and CAP_NET_BROADCAST';

export function checkLinks({ fault, states }: LinkFacts): Check {
  if (fault !== null) return found(`cannot be read (links): ${saidOf(fault)}`);
  const { live, approximate, limited, closed, pending } = states;
  const seen = live + approximate;
  const unseen = closed + pending;
  if (limited + unseen === 0)
    return found('those of all namespaces can be seen, with every change (links, watch --links)');
  const clauses = [
    `those of ${seen} of ${seen + limited + unseen} namespaces can be seen (links, watch --links)`,
    ...(limited > 0 ? [`of ${limited} only names, from /proc`] : []),
    ...(unseen > 0 ? [`of ${unseen} none`] : []),
  ];
  return found(`${clauses.join('; ')}; all require ${RIGHTS}`);
}

const found = (text: string): Check => ok('links', text);
