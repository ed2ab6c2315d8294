/** What is open at the side: a namespace of a host, or a link, as the core's page shows it. */
import { html, nothing } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import { panelView } from '../../../../../src/page/view/panel-view.ts';
import type { PageModel } from '../../../../../src/replay/replay-types.ts';
import type { HostRow } from '../model/fleet-types.ts';
import { nameText } from '../model/host-words.ts';
import type { HostPicture } from './host-picture.ts';
import { stateWord } from './host-view.ts';

export function sideView(
  host: HostRow,
  isSure: boolean,
  picture: HostPicture,
  model: PageModel,
): TemplateResult | typeof nothing {
  const { selection, likes } = picture;
  const namespace = selection === null ? undefined : model.namespaces.get(selection.namespace);
  if (selection === null || namespace === undefined) return nothing;
  const link = namespace.links.get(selection.link ?? '') ?? null;
  // Counters and what keeps it alive are for the server of that host to tell.
  const opened = { model, namespace, link, likes, details: null, looked: null };
  return html`<div id="side">
    <p class="on">
      on <b>${nameText(host)}</b>${isSure && host.state === 'live' ? '' : `, ${stateWord(host, isSure)}`}
    </p>
    ${panelView(opened, picture.actions)}
  </div>`;
}
