/** What a page shows as lines that can be compared: all that is there, without what is greyed. */
import type { PageLink, PageModel, PageNamespace } from '../../../src/replay/replay-types.ts';

/** Two pages name the boxes alike only where they knew as much when they first saw them. */
const withoutKeys = (name: string, value: unknown): unknown =>
  name === 'key' || name === 'namespace' ? undefined : value;

function endOf({ peer }: PageLink, namespaces: PageModel['namespaces']): string | null {
  const key = peer?.namespace ?? null;
  return key === null ? null : (namespaces.get(key)?.shown ?? 'nowhere');
}

const linkOf = (link: PageLink, { namespaces }: PageModel): object => ({
  ...link,
  leadsTo: endOf(link, namespaces),
});

export function described(model: PageModel): string[] {
  const living = [...model.namespaces.values()].filter(({ ended }) => ended === null);
  return living.map((box) => JSON.stringify({ ...box, links: linksOf(box, model) }, withoutKeys)).sort();
}

const linksOf = ({ links }: PageNamespace, model: PageModel): object[] =>
  [...links.values()].filter(({ ended }) => ended === null).map((link) => linkOf(link, model));

/** Of that only what events tell at once. */
export function told(model: PageModel): string[] {
  const living = [...model.namespaces.values()].filter(({ ended }) => ended === null);
  return living
    .map((box) => {
      const { names, identity, nsid, own } = box;
      const links = [...box.links.values()].filter(({ ended }) => ended === null);
      const lines = links.map((link) => JSON.stringify({ ...link, peer: link.peer?.ifindex }, withoutKeys));
      return JSON.stringify([names.map(({ path, ready }) => [path, ready]), identity?.id, nsid, own, lines]);
    })
    .sort();
}

/** What is wrong with a page whatever it shows. */
export function faultsOf({ namespaces }: PageModel): string[] {
  const faults: string[] = [];
  const texts = new Set<string>();
  for (const [key, box] of namespaces) {
    if (box.key !== key) faults.push(`${key} is called ${box.key}`);
    let last = 0;
    for (const [at, link] of box.links) {
      const { ifindex, namespace, peer } = link;
      if (link.key !== at || namespace !== key) faults.push(`${at} is called ${link.key} in ${namespace}`);
      if (ifindex !== null && ifindex < last) faults.push(`${at} is out of order`);
      last = ifindex ?? last;
      const end = endOf(link, namespaces);
      if (link.ended === null && end !== null && end !== peer?.shown)
        faults.push(`${at} leads to ${peer?.shown}, which is ${end}`);
    }
    if (box.ended !== null || box.names.some(({ ready }) => !ready)) continue;
    if (texts.has(box.label)) faults.push(`two are called ${box.label}`);
    texts.add(box.label);
  }
  return faults;
}
