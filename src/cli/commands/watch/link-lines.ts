/**
 * Lines of links for a person: after the namespace the link, and what is known of it; of one that
 * changed only what is new.
 *
 *     14:03:09.433  added      blue              eth0  veth  up  peer red:eth1
 *     14:03:09.501  changed    blue              eth0  no-carrier
 *     14:03:10.120  moved      red               eth0  from blue:veth7  veth  down  peer red:eth1
 */
import type { Link, LinkField } from '../../../watch/links/link-types.ts';
import type { Colour } from '../../output/color.ts';
import { shown } from '../../../format/escape.ts';
import {
  detailsText,
  endText,
  isNameOnly,
  nameText,
  peerText,
  stateText,
} from '../../../format/link-text.ts';
import type { LabelOf } from '../../../format/link-text.ts';
import type { LinkOutputEvent } from '../../../format/output-event.ts';

/** The word of a line, its colour, and what follows the namespace. */
export function describeLink(event: LinkOutputEvent, labelOf: LabelOf): [string, Colour, string[]] {
  const name = shown(event.link.name);
  switch (event.type) {
    case 'linkPresent':
      return ['present', 'dim', [name, ...factsOf(event, labelOf)]];
    case 'linkAdded':
      return ['added', 'green', [name, ...factsOf(event, labelOf)]];
    case 'linkMoved': {
      const from = `from ${endText(event.from, labelOf)}`;
      return ['moved', 'cyan', [name, from, ...factsOf(event, labelOf)]];
    }
    case 'linkRemoved':
      return ['removed', 'red', [name, event.link.kind === null ? '' : shown(event.link.kind)]];
    default:
      return ['changed', 'yellow', [name, changes(event, labelOf)]];
  }
}

/** What tells most of it. */
function factsOf({ link, masterName }: LinkOutputEvent, labelOf: LabelOf): string[] {
  // Words for what is not known would look like facts.
  if (isNameOnly(link)) return [];
  const { kind, master, peerState } = link;
  return [
    kind === null ? '' : shown(kind),
    stateText(link),
    master === null ? '' : `master ${nameText(masterName, master)}`,
    peerState === null ? '' : `peer ${peerText(link, labelOf)}`,
  ];
}

type Changed = Extract<LinkOutputEvent, { type: 'linkChanged' }>;

/** Of several fields that are one thing to people, such as `state` and `up`, one speaks. */
function changes(event: Changed, labelOf: LabelOf): string {
  const known = FIELDS.filter((field) => event.changed.includes(field));
  const texts = new Set(known.map((field) => TEXTS[field]?.(event.link, event, labelOf) ?? ''));
  texts.delete('');
  const { flags } = event.link;
  // What nothing else says, such as IFF_PROMISC.
  return texts.size === 0 ? `flags 0x${flags.toString(16)}` : [...texts].join(', ');
}

/** In the order in which they are told. */
const TEXTS: Readonly<Partial<Record<LinkField, (link: Link, event: Changed, labelOf: LabelOf) => string>>> =
  {
    name: (_, { formerName }) => (formerName === null ? 'renamed' : `renamed from ${shown(formerName)}`),
    state: stateText,
    up: stateText,
    altNames: ({ altNames }) =>
      altNames.length === 0 ? 'no altnames' : `altnames ${altNames.map(shown).join(' ')}`,
    alias: ({ alias }) => (alias === null ? 'no alias' : `alias ${shown(alias)}`),
    kind: ({ kind }) => (kind === null ? '' : `kind ${shown(kind)}`),
    mtu: ({ mtu }) => `mtu ${mtu}`,
    address: ({ address }) => (address === null ? 'no address' : `address ${address}`),
    master: ({ master }, { masterName }) =>
      master === null ? 'no master' : `master ${nameText(masterName, master)}`,
    details: ({ details }) => (details === null ? '' : detailsText(details)),
    peer: peerChange,
    peerState: peerChange,
  };

const FIELDS = Object.keys(TEXTS) as (keyof typeof TEXTS)[];

function peerChange(link: Link, _: Changed, labelOf: LabelOf): string {
  return link.peerState === null ? 'no peer' : `peer ${peerText(link, labelOf)}`;
}
