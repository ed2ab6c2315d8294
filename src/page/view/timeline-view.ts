/** The last events, the newest first; each leads to what it is about. */
import { html } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import type { PageEvent, PageModel } from '../../replay/replay-types.ts';
import { clockText } from './texts.ts';

const MOST = 40;
/** Whoever is at one by the keyboard stays at it. */
const seqOf = ({ seq }: PageEvent): number => seq;

export function timelineView(
  { events, namespaces }: PageModel,
  go: (event: PageEvent) => void,
): TemplateResult {
  const last = events.slice(-MOST).reverse();
  return html`<ol id="timeline" aria-label="Last events, the newest first" tabindex="0">
    ${repeat(last, seqOf, (event) => {
      const { at, type, text, namespace } = event;
      const there = namespace !== null && namespaces.has(namespace);
      return html`<li data-type=${type}>
        <time>${clockText(at)}</time>${
          there ? html`<button @click=${() => go(event)}>${text}</button>` : html`<span>${text}</span>`
        }
      </li>`;
    })}
    ${last.length === 0 ? html`<li class="none">no event yet</li>` : ''}
  </ol>`;
}
