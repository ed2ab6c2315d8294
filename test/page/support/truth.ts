/**
 * What the server says is there, as lines that the page's table comes to as well: `blue | eth0 | veth
 * | up | | (this namespace):vblue`. Only what both have is compared.
 */
import { shown } from '../../../src/format/escape.ts';
import { labelOf } from '../../../src/format/namespace-label.ts';
import { linkNamespaceOf } from '../../../src/watch/unified/link-namespace.ts';
import type { LinkNamespace } from '../../../src/watch/links/link-types.ts';
import type { InventoryEntry } from '../../../src/watch/unified/unified-events.ts';
import type { Served } from '../../serve/support/served.ts';

const DIRECTORY = '/var/run/netns';

const label = (netns: LinkNamespace): string => labelOf(netns, DIRECTORY).shown;

/** One for each link, and one for a namespace or a name without any. Sorted. */
export const linesOf = ({ watcher }: Served): string[] => watcher.namespaces().flatMap(linesOfOne).sort();

function linesOfOne(entry: InventoryEntry): string[] {
  const name = label(linkNamespaceOf(entry));
  const links = entry.links ?? [];
  if (links.length === 0) return [lineOf([name, '', '', '', ''])];
  return links.map((link) => {
    const { peer, master } = link;
    const bus = links.find(({ ifindex }) => ifindex === master);
    const far = peer === null ? '' : `${label(peer.netns)}:${peer.name === null ? '' : shown(peer.name)}`;
    return lineOf([name, shown(link.name), link.kind ?? '', bus === undefined ? '' : shown(bus.name), far]);
  });
}

export const lineOf = (texts: readonly string[]): string => texts.join(' | ');

/** Labels of all namespaces and names, escaped. Sorted. */
export const labelsOf = ({ watcher }: Served): string[] =>
  watcher
    .namespaces()
    .map((entry) => label(linkNamespaceOf(entry)))
    .sort();
