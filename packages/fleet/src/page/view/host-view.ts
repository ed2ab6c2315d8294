/** A host: its box, folded or open, with its state by shape, colour and text. */
import { html, nothing } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import { escaped, shown } from '../../../../../src/format/escape.ts';
import { countText } from '../../../../../src/page/view/texts.ts';
import type { FoundHost, Hit, HostRow, HostState } from '../model/fleet-types.ts';
import { countsText, heardText, nameText, noteTexts } from '../model/host-words.ts';
import { MOST_HITS } from '../model/rows.ts';
import type { HostPicture } from './host-picture.ts';
import { pixels } from './pixels.ts';

export interface HostActions {
  toggle(id: string): void;
  goToHit(id: string, hit: Hit): void;
}

export interface HostLook {
  /** Where it is among all that are shown, from 1 on, and how many these are. */
  readonly at: number;
  readonly of: number;
  /** Whether the keyboard comes to it. */
  readonly isCurrent: boolean;
  readonly serverTime: number;
  /** Whether it is known to be so now. */
  readonly isSure: boolean;
  /** Null: it is folded. */
  readonly picture: HostPicture | null;
  /** Whether what is on it has come. */
  readonly hasCome: boolean;
  /** Pixels. */
  readonly height: number;
  readonly found: FoundHost | null;
}

/** A disc: live. A triangle: late. A square with a cross: gone. */
const MARKS: Readonly<Record<HostState, string>> = {
  live: 'M6 1a5 5 0 1 0 .01 0z',
  late: 'M6 .8L11.6 11H.4zM5.2 4.4h1.6v3.4H5.2zM5.2 8.6h1.6v1.4H5.2z',
  gone: 'M1 1h10v10H1zM2.4 2.4v7.2h7.2V2.4zM3.6 4.5l.9-.9L6 5.1l1.5-1.5.9.9L6.9 6l1.5 1.5-.9.9L6 6.9 4.5 8.4l-.9-.9L5.1 6z',
};

export const stateMark = (state: HostState): TemplateResult =>
  html`<svg class="state" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
    <path d=${MARKS[state]} />
  </svg>`;

/** @param isSure whether it is known to be so now */
export const stateWord = ({ state }: HostRow, isSure: boolean): string => (isSure ? state : `was ${state}`);

export function hostView(host: HostRow, look: HostLook, actions: HostActions): TemplateResult {
  const { id, state, duplicate } = host;
  const { picture, height, found } = look;
  const classes = `host ${state}${picture === null ? '' : ' open'}${duplicate ? ' duplicate' : ''}`;
  return html`<div
    class=${classes}
    role="listitem"
    aria-setsize=${look.of}
    aria-posinset=${look.at}
    data-id=${id}
    data-state=${state}
    ${pixels(height)}
  >
    ${headView(host, look, actions)}
    ${picture !== null || found === null ? nothing : hitsView(id, found, actions)}
    ${picture === null ? nothing : insideView(host, picture, look.hasCome)}
  </div>`;
}

function headView(host: HostRow, look: HostLook, actions: HostActions): TemplateResult {
  const { id, state, versions } = host;
  // Of one that is open they are told below, where there is room.
  const notes = look.picture === null ? noteTexts(host) : [];
  const name = nameText(host);
  return html`<button
    class="head"
    aria-expanded=${look.picture !== null}
    tabindex=${look.isCurrent ? 0 : -1}
    @click=${() => actions.toggle(id)}
  >
    <span class="title">
      ${stateMark(state)}
      <span class="name" title=${name}>${name}</span>
      <span class="word">${stateWord(host, look.isSure)}</span>
    </span>
    <span class="line">${countsText(host)}</span>
    <span class="line" title=${notes.length === 0 ? escaped(versions.kernel) : notes.join('; ')}
      >${heardText(host, look.serverTime)} ·
      ${
        notes.length === 0 ? escaped(versions.kernel) : html`<span class="note">${notes.join('; ')}</span>`
      }</span
    >
  </button>`;
}

function hitsView(id: string, { hits, count, itself }: FoundHost, actions: HostActions): TemplateResult {
  const rest = count - Math.min(MOST_HITS - 1, hits.length);
  const shownHits = count > MOST_HITS ? hits.slice(0, MOST_HITS - 1) : hits.slice(0, MOST_HITS);
  return html`<ul class="hits">
    ${shownHits.map(
      (hit) =>
        html`<li>
          <button class="plain" title=${escaped(hit.why)} @click=${() => actions.goToHit(id, hit)}>
            ${hitText(hit)}
          </button>
        </li>`,
    )}
    ${count > MOST_HITS ? html`<li class="dim">and ${countText(rest, 'more', 'more')}</li>` : nothing}
    ${itself && count === 0 ? html`<li class="dim">the host itself</li>` : nothing}
  </ul>`;
}

const hitText = ({ namespace, link }: Hit): string =>
  link === null ? shown(namespace) : `${shown(namespace)}:${shown(link)}`;

/** How many lines its box has for what was found on it. */
export const hitLines = ({ count }: FoundHost): number => Math.max(1, Math.min(MOST_HITS, count));

function insideView(host: HostRow, picture: HostPicture, hasCome: boolean): TemplateResult {
  const notes = noteTexts(host).join('; ');
  const words = hasCome ? conditionText(host) : '';
  return html`${words === '' ? nothing : html`<p class="condition">${words}</p>`}${
    notes === '' ? nothing : html`<p class="condition notes">${notes}</p>`
  }${hasCome ? picture.element : waitingView(host)}`;
}

const waitingView = ({ picture }: HostRow): TemplateResult =>
  html`<p class="dim waiting">
    ${picture === 'none' ? 'Nothing is known of what is on it yet: it is waited for.' : 'What is on it is being read …'}
  </p>`;

function conditionText({ state, picture }: HostRow): string {
  if (state === 'late') return 'As it was when it was heard last.';
  if (state === 'gone') return 'As it was when its agent ended.';
  return picture === 'stale' ? 'As it was last: it is not known whether it still is so.' : '';
}
