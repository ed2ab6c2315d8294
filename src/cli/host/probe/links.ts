/** How far the links of all namespaces can be seen here, by reading them once. */
import { readLinks } from '../read-links.ts';
import { faultOf } from './fault.ts';
import type { LinkFacts } from './probe.ts';

/** @param proc where procfs is mounted */
export async function linkFacts(directories: readonly string[], proc: string): Promise<LinkFacts> {
  const states: LinkFacts['states'] = { pending: 0, live: 0, approximate: 0, limited: 0, closed: 0 };
  try {
    const wanted = { fallbackTunnels: false, ownTable: false, statistics: false, addresses: false };
    const { entries } = await readLinks({ directories, proc, ...wanted });
    for (const { linksState } of entries) states[linksState]++;
    return { fault: null, states };
  } catch (error) {
    return { fault: faultOf(error), states };
  }
}
