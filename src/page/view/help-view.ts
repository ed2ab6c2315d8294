/** How to read the picture, and which keys there are. */
import { html, svg } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import { STYLES } from '../layout/wire-style.ts';
import { markView } from './box-view.ts';

const KEYS: readonly (readonly [string, string])[] = [
  ['/', 'search; Enter goes to the next match'],
  ['arrows', 'in the picture: to the next box in that direction'],
  ['Enter', 'open the box or wire; unfold boxes that are alike'],
  ['l, L', 'to the next link of the box, the one before'],
  ['f', 'follow the link to its far end'],
  ['Esc', 'back: from the link, the panel, the search'],
  ['+ − 0', 'nearer, farther, all of it'],
  ['Shift and arrows', 'move the picture'],
  ['t', 'table or picture'],
];

const MARKS: readonly (readonly [string | null, string])[] = [
  ['up', 'up'],
  ['down', 'down'],
  ['no-carrier', 'no carrier, or another state'],
  [null, 'not known'],
];

const ENDS: readonly (readonly [string, string, string])[] = [
  ['one-sided', 'one-sided: the other end does not tell of it', 'M0 6H24'],
  ['unpaired', 'no other end', 'M0 6H24M24 2v8'],
  ['closed', 'its far end is closed to the server', 'M0 6H24M21 3l6 6m0 -6l-6 6'],
];

export const helpView = (close: () => void): TemplateResult =>
  html`<section id="legend" aria-label="Help">
    <button class="close" aria-label="Close help" @click=${close}>×</button>
    <h2>How to read it</h2>
    <p>
      A box is a namespace with its links; the thick one is where nlink runs. Bars are bridges and bonds, with
      their ports below. “×37” are boxes that are alike, folded. A dashed frame: not all is known of it, or it
      lives without a name. Crossed out: it has just ended.
    </p>
    <ul>
      ${MARKS.map(([state, text]) => html`<li>${markView(state)} ${text}</li>`)}
      ${STYLES.map(({ style, text }) => html`<li>${lineView(style, 'M0 6H30')} ${text}</li>`)}
      ${ENDS.map(([end, text, path]) => html`<li>${lineView(`solid ${end}`, path)} ${text}</li>`)}
    </ul>
    <h2>Keys</h2>
    <dl>
      ${KEYS.map(
        ([key, text]) =>
          html`<dt><kbd>${key}</kbd></dt>
            <dd>${text}</dd>`,
      )}
    </dl>
  </section>`;

const lineView = (classes: string, path: string): TemplateResult =>
  html`<svg class=${`sample wire ${classes}`} viewBox="0 0 30 12" width="30" height="12" aria-hidden="true">
    <path class="line" d=${path} />
    ${classes === 'double' ? svg`<path class="core" d=${path} />` : ''}${classes.includes('one-sided') ? svg`<circle class="open" cx="26" cy="6" r="3" />` : ''}
  </svg>`;
