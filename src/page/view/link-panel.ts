/** A wire: both of its ends, as far as each is known. */
import { html, nothing } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import { escaped, shown } from '../../format/escape.ts';
import { farLink } from '../layout/attach.ts';
import { stateOf } from '../layout/shape.ts';
import { PEER_STATE, farWords, labelText, linkState, masterName } from '../layout/words.ts';
import type { PageLink, PageNamespace } from '../../replay/replay-types.ts';
import { markView } from './box-view.ts';
import { countersView } from './counters-view.ts';
import type { Details } from './details.ts';
import { commandView, explainWord } from './explain.ts';
import type { Opened, PanelActions } from './panel-types.ts';

export function linkPanel(
  link: PageLink,
  { namespace, model, details }: Opened,
  actions: PanelActions,
): TemplateResult {
  const far = farLink(link, { namespace: (key) => model.namespaces.get(key), host: null });
  const farNamespace = far === null ? undefined : model.namespaces.get(far.namespace);
  return html`<p class="dim">
      ${link.peerState === null ? 'leads to no other namespace' : PEER_STATE[link.peerState]}
    </p>
    ${endView(link, namespace, details, actions)}
    ${
      far !== null && farNamespace !== undefined
        ? endView(far, farNamespace, farNamespace === namespace ? details : null, actions)
        : link.peer === null
          ? nothing
          : html`<h3>${farWords(link)}</h3>`
    }
    ${commandView(linkWordsOf(link, namespace), (text) => actions.copy(text))}`;
}

/** How `nlink explain` is asked for it. */
function linkWordsOf({ name }: PageLink, namespace: PageNamespace): string[] | null {
  if (namespace.own) return ['--device', name];
  const word = explainWord(namespace);
  return word === null ? null : [`${word}:${name}`];
}

function endView(
  link: PageLink,
  namespace: PageNamespace,
  details: Details | null,
  actions: PanelActions,
): TemplateResult {
  const { ifindex, kind, mtu, address, altNames, alias, slaveKind } = link;
  const addresses = details?.last.links.get(ifindex ?? link.name)?.addresses ?? null;
  const master = masterName(link, namespace);
  const rows: readonly (readonly [string, string | number | null])[] = [
    ['kind', kind],
    ['index', ifindex],
    ['mtu', mtu],
    ['address', address],
    ['addresses', addresses === null ? null : addresses.map(escaped).join(' ')],
    ['master', master === '' ? null : `${master}${slaveKind === null ? '' : ` (${escaped(slaveKind)})`}`],
    ['other names', altNames.length === 0 ? null : altNames.map(shown).join(', ')],
    ['alias', alias === null ? null : shown(alias)],
    ['details', detailWords(link)],
    ['ended', link.ended === null ? null : escaped(link.ended.reason)],
  ];
  return html`<h3>
      ${markView(stateOf(link))}
      <button class="plain" @click=${() => actions.go(namespace.key, null)}>${labelText(namespace)}</button
      >:${shown(link.name)}
      <span class="dim">${linkState(link)}</span>
    </h3>
    <dl>
      ${rows.map(([word, value]) =>
        value === null || value === ''
          ? nothing
          : html`<dt>${word}</dt>
              <dd>${value}</dd>`,
      )}
    </dl>
    ${countersView(link, details)}`;
}

/** What is particular to its kind. */
const detailWords = ({ details }: PageLink): string =>
  Object.entries(details ?? {})
    .filter(([word, value]) => word !== 'kind' && value !== null)
    .map(
      ([word, value]) =>
        `${escaped(word)} ${escaped(typeof value === 'string' ? value : JSON.stringify(value))}`,
    )
    .join(', ');
