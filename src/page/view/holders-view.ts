/** The part of the panel that says what keeps a namespace alive. */
import { html, nothing } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import { holderWords, unseenWords } from '../layout/holder-words.ts';
import type { Looked } from './holders.ts';
import { clockText } from './texts.ts';

export function holdersView(looked: Looked | null, again: () => void): TemplateResult | typeof nothing {
  if (looked === null) return nothing;
  return html`<h3>What keeps it alive</h3>
    ${bodyView(looked)}
    ${looked.state === 'looking' ? nothing : html`<p><button id="look" @click=${again}>Look again</button></p>`}`;
}

function bodyView(looked: Looked): TemplateResult {
  if (looked.state === 'looking') return html`<p class="dim">looking …</p>`;
  if (looked.state === 'failed') return html`<p class="dim">the server could not say</p>`;
  const { holders, at } = looked;
  const lines = holderWords(holders);
  const unseen = unseenWords(holders);
  return html`<ul class="holders">
      ${lines.map((line) => html`<li>${line}</li>`)}
    </ul>
    ${lines.length === 0 ? html`<p class="dim">nothing that was looked at: sockets are not</p>` : nothing}
    ${unseen === '' ? nothing : html`<p class="dim">${unseen}</p>`}
    <p class="dim">seen at ${clockText(at)}; for sockets, the command below</p>`;
}
