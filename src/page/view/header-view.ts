/**
 * The top of the page: whether what is shown is so now, how much there is, the search, the buttons.
 */
import { html, nothing } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import { escaped } from '../../format/escape.ts';
import type { ConnectionState } from '../model/page-stream.ts';
import type { PageModel } from '../../replay/replay-types.ts';
import type { Connection, State } from './state.ts';
import { clockText, countText } from './texts.ts';

export interface HeaderActions {
  search(query: string): void;
  onlyMatches(only: boolean): void;
  nextMatch(by: 1 | -1): void;
  view(view: 'picture' | 'table'): void;
  fit(): void;
  save(): void;
  print(): void;
  help(): void;
  foldAll(): void;
}

const WORDS: Readonly<Record<ConnectionState, string>> = {
  connecting: 'connecting',
  live: 'live',
  stale: 'stale: nothing has come',
  busy: 'the server has no place for one more page; it is asked again',
  hidden: 'paused while this tab is hidden',
  refused: 'the server wants its token: open the address that it printed when it started',
  ended: 'the server has ended; it is asked again',
};

function stateText({ state, since }: Connection): string {
  const words = WORDS[state];
  return since === null || state === 'live' || state === 'connecting'
    ? words
    : `${words} since ${clockText(since)}`;
}

export interface Counts {
  readonly namespaces: number;
  readonly links: number;
}

export function headerView(state: State, counts: Counts, actions: HeaderActions): TemplateResult {
  const { model, connection, view, open } = state;
  return html`<header>
    <h1>nlink</h1>
    <p id="state" role="status" data-state=${connection.state}>${stateText(connection)}</p>
    <p id="amount">
      ${model === null ? nothing : `${countText(counts.namespaces, 'namespace')}, ${countText(counts.links, 'link')}`}
    </p>
    ${searchView(state, actions)}
    <div class="buttons">
      <button
        id="show-picture"
        title="t"
        aria-pressed=${view === 'picture'}
        @click=${() => actions.view('picture')}
      >
        Picture
      </button>
      <button
        id="show-table"
        title="t"
        aria-pressed=${view === 'table'}
        @click=${() => actions.view('table')}
      >
        Table
      </button>
      ${open.size > 0 ? html`<button id="fold-all" @click=${() => actions.foldAll()}>Fold again</button>` : nothing}
      ${
        view === 'picture'
          ? html`<button id="fit" title="0" @click=${() => actions.fit()}>Fit</button>
              <button id="save-svg" @click=${() => actions.save()}>Save SVG</button>`
          : nothing
      }
      <button id="print" @click=${() => actions.print()}>Print</button>
      <button id="help" title="?" aria-expanded=${state.help} @click=${() => actions.help()}>Help</button>
    </div>
    ${noticesView(model)}
  </header>`;
}

function searchView({ query, matches, onlyMatches, matchAt }: State, actions: HeaderActions): TemplateResult {
  const count = matches === null ? 0 : matches.namespaces.size + matches.links.size;
  const text =
    matches === null
      ? ''
      : `${matchAt >= 0 ? `${matchAt + 1} of ` : ''}${countText(count, 'match', 'matches')}`;
  return html`<form
    role="search"
    class="search"
    @submit=${(event: Event) => {
      event.preventDefault();
      actions.nextMatch(1);
    }}
  >
    <input
      id="search"
      type="search"
      name="q"
      autocomplete="off"
      spellcheck="false"
      aria-label="Search"
      placeholder="Name, owner, PID, MAC, IP, inode … ( / )"
      .value=${query}
      @input=${(event: Event) => actions.search((event.target as HTMLInputElement).value)}
    />
    <output id="found" for="search">${text}</output>
    ${
      matches === null
        ? nothing
        : html`<button
              type="button"
              aria-label="Previous match"
              ?disabled=${count === 0}
              @click=${() => actions.nextMatch(-1)}
            >
              ‹
            </button>
            <button type="submit" aria-label="Next match" ?disabled=${count === 0}>›</button>
            <label
              ><input
                id="only"
                type="checkbox"
                .checked=${onlyMatches}
                @change=${(event: Event) => actions.onlyMatches((event.target as HTMLInputElement).checked)}
              />only matches</label
            >`
    }
  </form>`;
}

/** What the server could not tell. */
function noticesView(model: PageModel | null): TemplateResult | typeof nothing {
  if (model === null || (model.resynced === null && model.unavailable.length === 0)) return nothing;
  const { resynced, unavailable } = model;
  const PARTS: Readonly<Record<string, string>> = {
    nsids: 'nsids are no longer followed',
    deaths: 'ends of namespaces are no longer told',
    links: 'links are no longer followed',
  };
  return html`<p id="notices">
    ${unavailable.map((part) => html`<span class="warn">${PARTS[part] ?? `${escaped(part)}: no longer known`}</span>`)}
    ${
      resynced === null
        ? nothing
        : html`<span
            >events were lost at
            ${clockText(resynced.at)}${resynced.lost.length === 0 ? '' : ` (${resynced.lost.map(escaped).join(', ')})`}:
            all was read again</span
          >`
    }
  </p>`;
}
