/** All that the server knows of a namespace, as far as `nlink explain` would say it. */
import { html, nothing } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import { escaped } from '../../format/escape.ts';
import { isLoopback } from '../layout/rows.ts';
import { stateOf } from '../layout/shape.ts';
import { conditionWords, farWords, linkName, linkState, masterName, ownerWords } from '../layout/words.ts';
import type { PageLink, PageName, PageNamespace } from '../../replay/replay-types.ts';
import { markView } from './box-view.ts';
import { countersView } from './counters-view.ts';
import { commandView, explainWord } from './explain.ts';
import { holdersView } from './holders-view.ts';
import type { Opened, PanelActions } from './panel-types.ts';
import { clockText } from './texts.ts';

export function namespacePanel(opened: Opened, actions: PanelActions): TemplateResult {
  const { namespace, likes } = opened;
  const { names, identity, nsid, pids, ended, links, own, lingering } = namespace;
  const word = explainWord(namespace);
  const condition =
    ended === null ? conditionWords(namespace) : [`${escaped(ended.reason)} at ${clockText(ended.at)}`];
  return html`${condition.length === 0 ? nothing : html`<p class="condition">${condition.join('; ')}</p>`}
    <dl>
      ${
        names.length > 0
          ? html`<dt>names</dt>
              <dd>${names.map(nameView)}</dd>`
          : html`<dt>names</dt>
              <dd class="dim">${lingering ? 'none any more' : 'none'}</dd>`
      }
      ${
        identity === null
          ? nothing
          : html`<dt>namespace</dt>
              <dd>
                net:[${identity.ino}]${identity.id === null ? '' : html` <span class="dim">id</span> ${identity.id}`}
              </dd>`
      }
      ${
        nsid === null
          ? nothing
          : html`<dt>nsid</dt>
              <dd>${nsid}</dd>`
      }
      ${
        namespace.owner === null
          ? nothing
          : html`<dt>belongs to</dt>
              <dd>${ownerWords(namespace)}${longId(namespace)}</dd>`
      }
      <dt>processes</dt>
      <dd>${pids.length === 0 ? html`<span class="dim">none known</span>` : pidsText(pids)}</dd>
      ${
        own
          ? html`<dt></dt>
              <dd>where nlink runs</dd>`
          : nothing
      }
    </dl>
    ${links.size === 0 ? html`<p class="dim">no links known</p>` : linksView(opened, actions)}
    ${holdersView(opened.looked, () => actions.lookAgain())}
    ${commandView(word === null ? null : [word], (text) => actions.copy(text))}
    ${
      likes === null || likes.count < 2
        ? nothing
        : html`<p class="dim">
            one of ${likes.count} that are alike
            <button id="fold" @click=${() => actions.fold(likes.shape)}>Fold</button>
          </p>`
    }`;
}

const nameView = ({ path, ready, reason }: PageName): TemplateResult =>
  html`<div class="path">
    ${escaped(path)}${ready ? '' : html` <span class="warn">${reason === null ? 'not ready' : escaped(reason)}</span>`}
  </div>`;

/** Of a container: all of its id. */
const longId = ({ owner }: PageNamespace): TemplateResult | typeof nothing =>
  owner === null || owner.id === null || owner.id === owner.name
    ? nothing
    : html`<div class="path dim">${escaped(owner.id)}</div>`;

const pidsText = (pids: readonly number[]): string => `${pids.join(', ')}${pids.length >= 16 ? ' …' : ''}`;

function linksView({ namespace, model, details }: Opened, actions: PanelActions): TemplateResult {
  const view = (link: PageLink): TemplateResult => {
    const { peer, key } = link;
    const far = farWords(link);
    const farKey = peer?.namespace ?? null;
    const isElsewhere = farKey !== null && farKey !== namespace.key && model.namespaces.has(farKey);
    const last = details?.last.links.get(link.ifindex ?? link.name);
    return html`<li data-link=${key} class=${link.ended === null ? '' : 'ended'}>
      <div class="line">
        ${markView(stateOf(link))}
        <button class="plain" @click=${() => actions.go(namespace.key, key)}>${linkName(link)}</button>
        <span class="dim"
          >${[link.kind ?? (isLoopback(link) ? 'loopback' : ''), linkState(link), link.master === null ? '' : `in ${masterName(link, namespace)}`].filter(Boolean).join(' · ')}</span
        >
      </div>
      ${far === '' ? nothing : html`<div class="to">→ ${isElsewhere ? html`<button class="plain" @click=${() => actions.go(farKey, null)}>${far}</button>` : far}</div>`}
      ${last?.addresses?.length ? html`<div class="to">${last.addresses.map(escaped).join('  ')}</div>` : nothing}
      ${countersView(link, details)}
    </li>`;
  };
  return html`<h3>Links</h3>
    <ul class="links">
      ${[...namespace.links.values()].map(view)}
    </ul>`;
}
