/** What is open: a namespace with its links, or a wire with both ends. */
import { html, nothing } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import { labelText, linkName } from '../layout/words.ts';
import { linkPanel } from './link-panel.ts';
import { namespacePanel } from './namespace-panel.ts';
import type { Opened, PanelActions } from './panel-types.ts';

export function panelView(opened: Opened | null, actions: PanelActions): TemplateResult {
  if (opened === null) return html`<aside id="panel" hidden></aside>`;
  const { namespace, link } = opened;
  const title = link === null ? labelText(namespace) : `${labelText(namespace)}:${linkName(link)}`;
  return html`<aside
    id="panel"
    aria-labelledby="panel-title"
    data-key=${namespace.key}
    data-link=${link?.key ?? nothing}
  >
    <button class="close" aria-label="Close panel" title="Esc" @click=${() => actions.close()}>×</button>
    <h2 id="panel-title" tabindex="-1">${title}</h2>
    ${link === null ? namespacePanel(opened, actions) : linkPanel(link, opened, actions)}
  </aside>`;
}
