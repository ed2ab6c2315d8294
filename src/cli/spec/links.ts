/** What `nlink links` declares. */
import type { Command, Option } from './types.ts';
import { DIRECTORIES, JSON_ARRAY, PROC } from './shared.ts';

/** What `--format` of `nlink links` may be. */
export const LINK_FORMATS = ['table', 'json', 'dot', 'mermaid'] as const;
export type LinkFormat = (typeof LINK_FORMATS)[number];

/**
 * Which links are left out, and how they are looked for; also of `nlink watch`.
 * @param needs without which option they mean nothing
 */
export const linkOptions = (needs: Pick<Option, 'onlyWith'>): Option[] => [
  {
    name: 'exclude-kind',
    value: 'KIND',
    repeatable: true,
    ...needs,
    help: ['leave out links of this kind, such as dummy;', 'several with commas between, or repeated'],
  },
  {
    name: 'exclude-link',
    knownAs: ['exclude'],
    value: 'GLOB',
    repeatable: true,
    ...needs,
    help: ['leave out links with such a name; can be repeated'],
  },
  {
    name: 'own-table',
    ...needs,
    help: [
      'look from this network namespace, for those with',
      'CAP_NET_ADMIN alone. Leaves an nsid in it for',
      'each namespace that a link leads to',
    ],
  },
];

export const LINKS: Command = {
  name: 'links',
  knownAs: ['link', 'interfaces', 'ifaces', 'devices', 'topology', 'graph'],
  summary: 'list interfaces of all namespaces, and where each leads',
  description: [
    'Prints the network interfaces (links) of every network namespace, also of those',
    'without a name, each with the other end of it: the far end of a veth, the lower',
    'device of a vlan or macvlan, whatever namespace it is in. Enters no namespace.',
    'As root it leaves no trace; without privilege it prints what can be known, and',
    'the kernel assigns nsids in this namespace, as for ip link.',
  ],
  arguments: [
    {
      name: 'pattern',
      value: 'GLOB',
      required: false,
      several: 'words',
      completes: 'name',
      help: ['only namespaces with a name that matches one of these'],
    },
  ],
  options: [
    DIRECTORIES,
    { name: 'containers', help: ['include the directories of Docker and rootless Podman'] },
    {
      name: 'all',
      short: 'a',
      help: ['include lo, and tunnel devices of the kernel that', 'are down (tunl0, gre0, sit0)'],
    },
    ...linkOptions({}),
    {
      name: 'stats',
      short: 's',
      help: ['also bytes, errors and drops; not with dot, mermaid'],
    },
    PROC,
    { ...JSON_ARRAY, notWith: ['format'] },
    {
      name: 'format',
      value: 'FORMAT',
      completes: LINK_FORMATS,
      help: ['table (default), json, dot (graphviz) or mermaid', '(Markdown): a box for each namespace'],
    },
  ],
  sections: [
    {
      title: 'Columns',
      rows: [
        ['NAMESPACE', 'its name, else whose it is, else inode:N, nsid:N, pid:N'],
        ['KIND', 'veth, bridge, vlan; - for a real device, and lo'],
        ['STATE', 'no-carrier: it is set up, but its other end is not'],
        ['MASTER', 'the bridge, bond or VRF that it is a port of'],
        ['PEER', 'where it leads, as namespace:link; ? if unknown'],
      ],
    },
  ],
  examples: [
    { line: 'nlink links', does: 'all of them' },
    { line: "nlink links 'web-*' --stats", does: 'of some, with counters' },
    { line: 'nlink links --format dot | dot -Tsvg', does: 'as a picture' },
    { line: 'nlink links --format mermaid', does: 'for a README' },
    { line: "nlink links --json | jq '.[].peer'", does: 'for a program' },
  ],
  success: 'printed, even if there are none',
};
