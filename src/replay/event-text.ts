/** Events in a few words, as `nlink watch` has them. Escaped. */
import { escaped, shown } from '../format/escape.ts';
import { nameText, stateText } from '../format/link-text.ts';
import type { LinkOperState } from '../netlink/link-message.ts';
import type { PageLink } from './replay-types.ts';
import type { WireEvent } from './wire.ts';

/**
 * What happens to a namespace or its names.
 * @param label what the namespace is called; empty: there is none
 * @param directory a name in it stands alone
 */
export function namespaceText(event: WireEvent, label: string, directory: string): string {
  const { type, path = '', alive, nsid, lost = [], reason = '' } = event;
  const name = shown(event.directory === directory ? (event.name ?? '') : path);
  switch (type) {
    case 'created':
    case 'mounted':
      if (event.ready === false) return `${name} ${type}, not ready: ${escaped(reason)}`;
      return label === name ? `${name} ${type}` : `${name} ${type}, a name of ${label}`;
    case 'unmounted':
    case 'deleted':
      return `${name} ${type}${alive === true ? ', its namespace lives on' : ''}`;
    case 'nsidAssigned':
      return `${label} got nsid ${nsid}`;
    case 'directoryCreated':
      return `directory ${shown(path)} created`;
    case 'directoryDeleted':
      return `directory ${shown(path)} deleted`;
    case 'resynced':
      return `events were lost (${lost.join(', ')}), all was read again`;
    case 'nsidsUnavailable':
    case 'deathsUnavailable':
    case 'linksUnavailable':
      return `${type.slice(0, -'Unavailable'.length)} are not known any more: ${escaped(reason)}`;
    default:
      return `${label} ${escaped(type)}`.trimStart();
  }
}

/** Of a link, what is told of. */
type ToldLink = Pick<
  PageLink,
  'name' | 'peer' | 'peerState' | 'mtu' | 'state' | 'up' | 'address' | 'master' | 'alias'
>;

/**
 * What happens to a link.
 * @param label what its namespace is called
 * @param from what the one is called that it came from
 */
export function linkText(event: WireEvent, link: ToldLink, label: string, from: string): string {
  const what = `${label}:${shown(link.name)}`;
  switch (event.type) {
    case 'linkAdded':
      return [`${what} added`, ...leadsTo(link)].join(', ');
    case 'linkMoved':
      return [`${what} moved from ${from}:${shown(event.from?.name ?? '')}`, ...leadsTo(link)].join(', ');
    case 'linkChanged':
      return `${what} ${changesOf(event.changed ?? [], link).join(', ')}`;
    default:
      return [`${what} removed`, ...leadsTo(link).map((words) => `was ${words}`)].join(', ');
  }
}

function leadsTo({ peer, peerState }: ToldLink): string[] {
  if (peer === null) return peerState === 'unpaired' ? ['without another end'] : [];
  const end = peer.ifindex === null ? peer.shown : `${peer.shown}:${nameText(peer.name, peer.ifindex)}`;
  return [peerState === 'paired' ? `paired with ${end}` : `upon ${end}`];
}

function changesOf(changed: readonly string[], link: ToldLink): string[] {
  const words = changed.flatMap((field) => {
    switch (field) {
      case 'name':
        return ['renamed'];
      case 'state':
      case 'up':
        return [stateText({ state: (link.state ?? 'unknown') as LinkOperState, up: link.up ?? false })];
      case 'mtu':
        return [`mtu ${link.mtu}`];
      case 'address':
        return [`address ${escaped(link.address ?? 'none')}`];
      case 'master':
        return [link.master === null ? 'no master' : 'has a master'];
      case 'peer':
      case 'peerState':
        return leadsTo(link);
      case 'alias':
        return [`alias ${shown(link.alias ?? '')}`];
      // Follow from others.
      case 'flags':
      case 'slaveKind':
        return [];
      default:
        return [`${escaped(field)} changed`];
    }
  });
  return words.length === 0 ? ['changed'] : [...new Set(words)];
}
