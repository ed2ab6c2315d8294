/**
 * The page of a fleet: holds what is looked at, and draws it, at most once a frame and only when
 * something has changed; how long ago hosts were heard, each five seconds.
 */
import { html, nothing, render } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import { selectionAt } from '../../../../../src/page/view/permalink.ts';
import { panelView } from '../../../../../src/page/view/panel-view.ts';
import { FleetClient } from '../model/fleet-client.ts';
import type { FleetMessage, FoundHost, Hit, HostRow } from '../model/fleet-types.ts';
import { nameText } from '../model/host-words.ts';
import { HostSearch } from '../model/host-search.ts';
import type { Shown } from '../model/hosts.ts';
import { isOfHost, wordsOf } from '../model/of-host.ts';
import type { FleetPlace } from '../model/place.ts';
import { columnsOf, rowsOf } from '../model/rows.ts';
import type { ListRow } from '../model/rows.ts';
import { FleetAddress } from './fleet-address.ts';
import type { FleetIo } from './fleet-io.ts';
import { headerView } from './header-view.ts';
import type { HeaderActions } from './header-view.ts';
import { helpView } from './help-view.ts';
import { listView } from './host-list.ts';
import { HostPicture } from './host-picture.ts';
import { hitLines, hostView } from './host-view.ts';
import type { HostActions } from './host-view.ts';
import { followListKeys } from './list-keys.ts';
import type { ListKeyActions } from './list-keys.ts';
import { Speaker } from './speaker.ts';

const AGES = 5000;
/** Of an open host, in pixels: what is above its picture; and its picture as a part of the list. */
const HEAD = 50;
const PART = { share: 0.66, least: 240, most: 680 };

export class FleetApp implements HeaderActions, HostActions, ListKeyActions {
  readonly #root: HTMLElement;
  readonly #client: FleetClient;
  readonly #search: HostSearch;
  readonly #speaker: Speaker;
  readonly #address: FleetAddress;
  readonly #pictures = new Map<string, HostPicture>();
  /** What is to be selected on a host once it has come. */
  readonly #arrivals = new Map<string, { readonly at: string; readonly link: string | null }>();
  #shown: Shown = 'all';
  #help = false;
  #hitAt = -1;
  /** Whose namespace is in the panel. */
  #selected: string | null = null;
  #current: string | null = null;
  #revealing: string | null = null;
  #isFocusing = false;
  #hosts: readonly HostRow[] = [];
  #hostsOf: readonly unknown[] = [];
  #rows: readonly ListRow[] = [];
  #columns = 1;
  #frame: number | null = null;

  constructor(root: HTMLElement, live: HTMLElement, io: FleetIo) {
    this.#root = root;
    this.#speaker = new Speaker(live);
    this.#client = new FleetClient(io, {
      changed: () => this.#invalidate(),
      told: (messages) => this.#told(messages),
    });
    this.#search = new HostSearch(io, () => this.#invalidate());
    this.#address = new FleetAddress((place) => this.#goTo(place));
    this.#draw();
    const list = this.#list;
    list.addEventListener('scroll', () => this.#invalidate(), { passive: true });
    new ResizeObserver(() => this.#invalidate()).observe(list);
    followListKeys(list, this);
    const ages = (): void => {
      if (!document.hidden) this.#invalidate();
      setTimeout(ages, AGES);
    };
    setTimeout(ages, AGES);
    document.addEventListener('visibilitychange', () => this.#client.visible(!document.hidden));
    this.#client.start();
    if (document.hidden) this.#client.visible(false);
  }

  // The top of the page.

  search(query: string): void {
    this.#hitAt = -1;
    this.#search.search(query);
  }

  nextHit(by: 1 | -1): void {
    const found = this.#search.found?.hosts ?? [];
    const hitsOf = ({ hits }: FoundHost): readonly (Hit | null)[] => (hits.length === 0 ? [null] : hits);
    const all = found.flatMap((host) => hitsOf(host).map((hit) => ({ id: host.id, hit })));
    if (all.length === 0) return;
    const isFirst = this.#hitAt < 0;
    this.#hitAt = isFirst ? (by > 0 ? 0 : all.length - 1) : (this.#hitAt + by + all.length) % all.length;
    const { id, hit } = all[this.#hitAt] as { id: string; hit: Hit | null };
    if (hit === null) this.#unfold(id);
    else this.goToHit(id, hit);
  }

  show(shown: Shown): void {
    this.#shown = shown;
    this.#list.scrollTop = 0;
    this.#invalidate();
  }

  foldAll(): void {
    for (const id of this.#pictures.keys()) this.#fold(id);
  }

  help(): void {
    this.#help = !this.#help;
    this.#invalidate();
  }

  // A host.

  toggle(id: string): void {
    this.#current = id;
    if (this.#pictures.has(id)) this.#fold(id);
    else this.#unfold(id);
  }

  goToHit(id: string, { at, link }: Hit): void {
    this.#arrivals.set(id, { at, link });
    this.#unfold(id);
  }

  // Keys.

  step(by: number): void {
    const at = this.#currentAt();
    const next = this.#hosts[Math.max(0, Math.min(this.#hosts.length - 1, at + by))];
    if (next === undefined) return;
    this.#current = next.id;
    this.#revealing = next.id;
    this.#isFocusing = true;
    this.#invalidate();
  }

  get columns(): number {
    return this.#columns;
  }

  get page(): number {
    return Math.max(1, Math.floor(this.#list.clientHeight / 90)) * this.#columns;
  }

  focusSearch(): void {
    const input = this.#root.querySelector<HTMLInputElement>('#search');
    input?.focus();
    input?.select();
  }

  back(): void {
    if (this.#help) return this.help();
    const picture = this.#selected === null ? undefined : this.#pictures.get(this.#selected);
    if (picture?.selection) return picture.actions.close();
    if (this.#search.query !== '') return this.search('');
    this.step(0);
  }

  get #list(): HTMLElement {
    return this.#root.querySelector('#hosts') as HTMLElement;
  }

  #currentAt(): number {
    return Math.max(
      0,
      this.#hosts.findIndex(({ id }) => id === this.#current),
    );
  }

  #told(messages: readonly FleetMessage[]): void {
    this.#speaker.tell(messages);
    for (const message of messages) if (message.type === 'hostRemoved') this.#fold(message.host.id);
  }

  #unfold(id: string): void {
    const host = this.#client.hosts.get(id);
    if (host === undefined) return this.#speaker.live.say('That host is not listed.');
    if (!this.#client.unfold(id)) {
      const oldest = [...this.#pictures.keys()].find((other) => other !== this.#selected);
      if (oldest !== undefined) this.#fold(oldest);
      this.#client.unfold(id);
    }
    this.#revealing = id;
    this.#current = id;
    if (!this.#pictures.has(id)) this.#pictures.set(id, this.#picture(host));
    this.#invalidate();
  }

  #picture(host: HostRow): HostPicture {
    const { id } = host;
    const leave = (): void => {
      const opened = this.#pictures.get(id);
      if (opened?.selection) return opened.actions.close();
      this.#current = id;
      this.step(0);
    };
    const picture = new HostPicture(nameText(host), this.#speaker.live, leave, () => {
      const isSelected = this.#pictures.get(id)?.selection !== null;
      if (isSelected && this.#selected !== id) {
        const before = this.#selected === null ? undefined : this.#pictures.get(this.#selected);
        this.#selected = id;
        before?.store.set({ selection: null });
      }
      this.#invalidate();
    });
    return picture;
  }

  #fold(id: string): void {
    this.#client.fold(id);
    this.#pictures.get(id)?.stop();
    this.#pictures.delete(id);
    this.#arrivals.delete(id);
    if (this.#selected === id) this.#selected = null;
    this.#invalidate();
  }

  #goTo({ hosts, at, link, query, shown }: FleetPlace): void {
    this.#shown = shown;
    this.#search.search(query);
    for (const id of this.#pictures.keys()) if (!hosts.includes(id)) this.#fold(id);
    const last = hosts.at(-1);
    if (last !== undefined && at !== null) this.#arrivals.set(last, { at, link });
    for (const id of hosts) this.#unfold(id);
  }

  #invalidate(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null;
      this.#draw();
    });
  }

  #draw(): void {
    if (this.#client.hosts.size > 0) this.#address.arrive();
    this.#arrive();
    this.#choose();
    const isInPanel = document.querySelector('#side :focus') !== null;
    render(this.#view(), this.#root, { host: this });
    this.#scroll();
    if (isInPanel && document.activeElement === document.body) this.step(0);
    if (this.#client.hosts.size > 0) this.#address.update(this.#place());
    document.documentElement.dataset['hosts'] = String(this.#client.hosts.size);
  }

  /** What is shown, and where. */
  #choose(): void {
    const ordered = this.#client.hosts.ordered();
    const { found } = this.#search;
    const of = [ordered, found, this.#shown];
    if (of.some((one, at) => one !== this.#hostsOf[at])) {
      this.#hostsOf = of;
      const ids = found === null ? null : new Set(found.hosts.map(({ id }) => id));
      this.#hosts = ordered.filter(
        (host) => isShown(host, this.#shown) && (ids === null || ids.has(host.id)),
      );
    }
    const list = this.#root.querySelector<HTMLElement>('#hosts');
    const { clientWidth = 0, clientHeight = 0 } = list ?? {};
    this.#columns = columnsOf(clientWidth - 24);
    const most = Math.max(PART.least, Math.min(PART.most, clientHeight * PART.share));
    const foundOf = this.#found();
    this.#rows = rowsOf(
      this.#hosts.map(({ id }) => {
        const picture = this.#pictures.get(id);
        const height = picture === undefined ? null : HEAD + Math.round(Math.min(most, picture.height));
        const hits = foundOf.get(id);
        return { id, height, hits: hits === undefined ? 0 : hitLines(hits) };
      }),
      this.#columns,
    );
  }

  #found(): ReadonlyMap<string, FoundHost> {
    return new Map(this.#search.found?.hosts.map((host) => [host.id, host]) ?? []);
  }

  /** Selects what somebody wanted to go to, where it has come. */
  #arrive(): void {
    for (const [id, { at, link }] of this.#arrivals) {
      const model = this.#client.open.model(id);
      const picture = this.#pictures.get(id);
      if (model === null || picture === undefined) continue;
      this.#arrivals.delete(id);
      picture.show(model, this.#queryOf(id));
      const selection = selectionAt({ at, link, view: null, query: '' }, model);
      if (selection !== null) picture.actions.go(selection.namespace, selection.link);
    }
  }

  /** What is searched for on a host: without the words that are of the host itself. */
  #queryOf(id: string): string {
    const host = this.#client.hosts.get(id);
    const words = wordsOf(this.#search.query);
    return (host === undefined ? words : words.filter((word) => !isOfHost(word, host))).join(' ');
  }

  #scroll(): void {
    const list = this.#list;
    const id = this.#revealing;
    this.#revealing = null;
    const at = id === null ? -1 : this.#hosts.findIndex((host) => host.id === id);
    const row = this.#rows.find(({ from, to }) => at >= from && at < to);
    if (row !== undefined) {
      const isAbove = row.top < list.scrollTop;
      const isBelow = row.top + row.height > list.scrollTop + list.clientHeight - 24;
      if (isAbove || isBelow) {
        const below = row.top + row.height + 24 - list.clientHeight;
        list.scrollTop = isAbove || row.height > list.clientHeight - 24 ? row.top : below;
        this.#invalidate();
      }
    }
    if (!this.#isFocusing) return;
    this.#isFocusing = false;
    list.querySelector<HTMLElement>(`[data-id="${CSS.escape(this.#current ?? '')}"] .head`)?.focus({
      preventScroll: true,
    });
  }

  #place(): Omit<FleetPlace, 'at' | 'link'> & { selected: HostPicture | null } {
    const selected = this.#selected === null ? null : (this.#pictures.get(this.#selected) ?? null);
    const ids = [...this.#pictures.keys()].filter((id) => id !== this.#selected);
    const hosts = this.#selected === null ? ids : [...ids, this.#selected];
    return { hosts, query: this.#search.query, shown: this.#shown, selected };
  }

  #view(): TemplateResult {
    const { hosts, connection } = this.#client;
    const header = {
      connection,
      broker: hosts.broker,
      counts: hosts.counts(),
      shown: this.#shown,
      query: this.#search.query,
      found: this.#search.found,
      hitAt: this.#hitAt,
      open: this.#pictures.size,
      help: this.#help,
    };
    const isSure = connection.state === 'live' && hosts.broker.state === 'live';
    const list = this.#root.querySelector('#hosts');
    const frame = {
      hosts: this.#hosts,
      rows: this.#rows,
      columns: this.#columns,
      top: list?.scrollTop ?? 0,
      height: list?.clientHeight ?? window.innerHeight,
      current: this.#currentAt(),
    };
    const found = this.#found();
    const serverTime = hosts.serverTime(Date.now());
    const view = (host: HostRow, at: number, height: number): TemplateResult =>
      hostView(host, this.#look(host, { at, height, serverTime, found, current: frame.current }), this);
    return html`${headerView(header, this)}
      <main class=${isSure ? '' : 'approximate'}>
        <div id="hosts">${this.#hosts.length === 0 ? this.#emptyView() : listView(frame, view)}</div>
        ${this.#panelView()} ${this.#help ? helpView(() => this.help()) : nothing}
      </main>`;
  }

  #look(
    { id }: HostRow,
    {
      at,
      height,
      serverTime,
      found,
      current,
    }: {
      at: number;
      height: number;
      serverTime: number;
      found: ReadonlyMap<string, FoundHost>;
      current: number;
    },
  ): Parameters<typeof hostView>[1] {
    const picture = this.#pictures.get(id) ?? null;
    const model = this.#client.open.model(id);
    picture?.show(model, this.#queryOf(id));
    const [of, isCurrent, hasCome] = [this.#hosts.length, at === current, model !== null];
    return { at: at + 1, of, isCurrent, serverTime, picture, hasCome, height, found: found.get(id) ?? null };
  }

  #emptyView(): TemplateResult {
    const { hosts } = this.#client;
    const isAll = this.#shown === 'all' && this.#search.found === null;
    if (hosts.broker.state === 'connecting' && hosts.size === 0)
      return html`<p class="dim empty">Hosts are being read …</p>`;
    return isAll
      ? html`<p class="dim empty">No host has been heard: nlink-fleet agent makes one be.</p>`
      : html`<p class="dim empty">No host is like that.</p>`;
  }

  #panelView(): TemplateResult | typeof nothing {
    const id = this.#selected;
    const picture = id === null ? undefined : this.#pictures.get(id);
    const model = id === null ? null : this.#client.open.model(id);
    const host = id === null ? undefined : this.#client.hosts.get(id);
    const selection = picture?.selection ?? null;
    const namespace = selection === null ? undefined : model?.namespaces.get(selection.namespace);
    if (picture === undefined || model === null || host === undefined || namespace === undefined)
      return nothing;
    const link = selection?.link === null ? null : (namespace.links.get(selection?.link ?? '') ?? null);
    const opened = { model, namespace, link, likes: picture.likes, details: null, looked: null };
    return html`<div id="side">
      <p class="on">on <b>${nameText(host)}</b></p>
      ${panelView(opened, picture.actions)}
    </div>`;
  }
}

function isShown({ state, duplicate }: HostRow, shown: Shown): boolean {
  return shown === 'all' || (shown === 'duplicate' ? duplicate : state === shown);
}
