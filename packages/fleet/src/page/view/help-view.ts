/** How to read the page, and which keys there are. */
import { html } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import { stateMark } from './host-view.ts';

const STATES = [
  ['live', 'live: heard within three of its intervals'],
  ['late', 'late: not heard for longer. What is on it is shown as it was'],
  ['gone', 'gone: its agent said that it ends'],
] as const;

const KEYS: readonly (readonly [string, string])[] = [
  ['/', 'search all hosts; Enter goes to the next match and unfolds its host'],
  ['arrows', 'from host to host; in a picture from box to box'],
  ['Enter', 'unfold or fold the host; in a picture open the box'],
  ['Esc', 'out of the picture, the panel, the search'],
  ['l, L', 'in a picture: to the next link of the box, the one before'],
  ['f', 'in a picture: follow the link to its far end'],
  ['+ − 0', 'in a picture: nearer, farther, all of it'],
  ['t', 'in a picture: table or picture'],
];

export const helpView = (close: () => void): TemplateResult =>
  html`<section id="legend" aria-label="Help">
    <button class="close" aria-label="Close help" @click=${close}>×</button>
    <h2>How to read it</h2>
    <p>
      A box is a host; unfolded it shows the network namespaces on it and the links between them. The thick
      box in it is where the agent is. “×37” are boxes that are alike. A dashed frame: not all is known of it.
    </p>
    <ul>
      ${STATES.map(([state, text]) => html`<li class=${state}>${stateMark(state)} ${text}</li>`)}
    </ul>
    <p>
      “two agents under one key”: two hosts have one machine id, as clones have. Both are listed. Approximate:
      the broker is not heard, so that nobody knows whether what is shown still is so.
    </p>
    <h2>Search</h2>
    <p>
      All words must match. A word that is part of a host’s name counts for all that is on it. Words with a
      prefix: host: kernel: name: owner: kind: state: mac: pid: nsid: inode: index: id:
    </p>
    <h2>Keys</h2>
    <dl>
      ${KEYS.map(
        ([key, text]) =>
          html`<dt><kbd>${key}</kbd></dt>
            <dd>${text}</dd>`,
      )}
    </dl>
  </section>`;
