/** How `nlink explain` is asked for what is open: a command to copy. */
import { html, nothing } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import { shellWord } from '../../sys/shell-word.ts';
import type { PageNamespace } from '../../replay/replay-types.ts';

const DEFAULT = /^\/(?:var\/)?run\/netns$/;

/** Null: in no way. */
export function explainWord({ names, identity, nsid, pids }: PageNamespace): string | null {
  const [name] = names;
  if (name !== undefined)
    return DEFAULT.test(name.directory) && !name.name.startsWith('-') ? name.name : name.path;
  if (identity !== null) return `inode:${identity.ino}`;
  if (nsid !== null) return `nsid:${nsid}`;
  return pids[0] === undefined ? null : String(pids[0]);
}

export function commandView(
  words: readonly string[] | null,
  copy: (text: string) => void,
): TemplateResult | typeof nothing {
  if (words === null) return nothing;
  const command = ['nlink explain', ...words.map(shellWord)].join(' ');
  return html`<h3>More of it</h3>
    <p class="command"><code>${command}</code><button @click=${() => copy(command)}>Copy</button></p>`;
}
