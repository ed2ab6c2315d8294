/** The top of the page: whether what is shown is so now, the search, how many hosts there are. */
import { html, nothing } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import { escaped } from '../../../../../src/format/escape.ts';
import { clockText, countText, grouped } from '../../../../../src/page/view/texts.ts';
import type { Connection } from '../model/fleet-client.ts';
import type { Broker, Found } from '../model/fleet-types.ts';
import type { Shown, StateCounts } from '../model/hosts.ts';
import { stateMark } from './host-view.ts';

export interface HeaderActions {
  search(query: string): void;
  nextHit(by: 1 | -1): void;
  show(shown: Shown): void;
  foldAll(): void;
  help(): void;
}

export interface Header {
  readonly connection: Connection;
  readonly broker: Broker;
  readonly counts: StateCounts;
  readonly shown: Shown;
  readonly query: string;
  readonly found: Found | null;
  /** Which of those found was gone to; -1: none. */
  readonly hitAt: number;
  readonly open: number;
  readonly help: boolean;
}

const WORDS: Readonly<Record<Connection['state'], string>> = {
  connecting: 'connecting',
  live: 'live',
  stale: 'stale: nothing has come from the server',
  busy: 'the server has no place for one more page; it is asked again',
  hidden: 'paused while this tab is hidden',
  refused: 'the server wants its token: open the address that it printed when it started',
  ended: 'the server has ended; it is asked again',
};

/** What is so since when; and what is done about it. */
const sinceText = (words: string, since: number): string =>
  words.replace(/(?=;|$)/, ` since ${clockText(since)}`);

/** `approximate`: the page is up to date with the server, and that is not with the broker. */
function stateOf({ connection, broker }: Header): { state: string; text: string } {
  const { state, since } = connection;
  if (state !== 'live')
    return {
      state,
      text: since === null || state === 'connecting' ? WORDS[state] : sinceText(WORDS[state], since),
    };
  if (broker.state === 'live') return { state: 'live', text: 'live' };
  const reason = broker.reason === null ? '' : `: ${escaped(broker.reason)}`;
  if (broker.state === 'connecting') return { state: 'connecting', text: `hosts are being read${reason}` };
  const at = broker.since === null ? '' : ` since ${clockText(broker.since)}`;
  return { state: 'approximate', text: `approximate${at}${reason}` };
}

const STATES: readonly Shown[] = ['all', 'live', 'late', 'gone', 'duplicate'];

export function headerView(header: Header, actions: HeaderActions): TemplateResult {
  const { counts, open, help } = header;
  const { state, text } = stateOf(header);
  return html`<header>
    <h1>nlink-fleet</h1>
    <p id="state" role="status" data-state=${state}>${text}</p>
    ${searchView(header, actions)}
    <div class="states" role="group" aria-label="Which hosts">
      ${STATES.map((one) => (one === 'all' || counts[one] > 0 || header.shown === one ? chipView(one, header, actions) : nothing))}
    </div>
    <div class="buttons">
      ${open > 0 ? html`<button id="fold-all" @click=${() => actions.foldAll()}>Fold all</button>` : nothing}
      <button id="help" title="?" aria-expanded=${help} @click=${() => actions.help()}>Help</button>
    </div>
  </header>`;
}

function chipView(one: Shown, { counts, shown }: Header, actions: HeaderActions): TemplateResult {
  const mark = one === 'all' || one === 'duplicate' ? nothing : stateMark(one);
  const text = one === 'all' ? countText(counts.all, 'host') : `${grouped(counts[one])} ${one}`;
  return html`<button
    class=${`chip ${one}`}
    id=${`show-${one}`}
    aria-pressed=${shown === one}
    @click=${() => actions.show(shown === one ? 'all' : one)}
  >
    ${mark}${text}
  </button>`;
}

function searchView({ query, found, hitAt }: Header, actions: HeaderActions): TemplateResult {
  return html`<form
    role="search"
    class="search"
    @submit=${(event: Event) => {
      event.preventDefault();
      actions.nextHit(1);
    }}
  >
    <input
      id="search"
      type="search"
      name="q"
      maxlength="200"
      autocomplete="off"
      spellcheck="false"
      aria-label="Search all hosts"
      placeholder="Host, namespace, owner, link, MAC, nsid … ( / )"
      .value=${query}
      @input=${(event: Event) => actions.search((event.target as HTMLInputElement).value)}
    />
    <output id="found" for="search">${found === null ? '' : foundText(found, hitAt)}</output>
    ${
      found === null
        ? nothing
        : html`<button
              type="button"
              aria-label="Previous match"
              ?disabled=${found.hosts.length === 0}
              @click=${() => actions.nextHit(-1)}
            >
              ‹</button
            ><button type="submit" aria-label="Next match" ?disabled=${found.hosts.length === 0}>›</button>`
    }
  </form>`;
}

function foundText(found: Found, hitAt: number): string {
  const { hosts, more, pending } = found;
  const count = hosts.reduce((sum, { count: on }) => sum + Math.max(1, on), 0);
  const at = hitAt >= 0 ? `${hitAt + 1} of ` : '';
  const all = `${at}${countText(count, 'match', 'matches')}${more ? ' and more' : ''}`;
  const on = hosts.length > 0 ? ` on ${countText(hosts.length, 'host')}` : '';
  return `${all}${on}${pending > 0 ? `; ${countText(pending, 'host')} to look into` : ''}`;
}
