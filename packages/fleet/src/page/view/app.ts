/**
 * The page of a fleet: holds what is looked at, and draws it, at most once a frame and only when
 * something has changed; how long ago hosts were heard, each five seconds.
 */
import { html, nothing, render } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import { FleetClient } from '../model/fleet-client.ts';
import type { FleetMessage, Hit, HostRow } from '../model/fleet-types.ts';
import { HostSearch } from '../model/host-search.ts';
import type { Shown } from '../model/hosts.ts';
import type { FleetPlace } from '../model/place.ts';
import { Chosen } from './chosen.ts';
import { FleetAddress } from './fleet-address.ts';
import type { FleetIo } from './fleet-io.ts';
import { headerView } from './header-view.ts';
import type { HeaderActions } from './header-view.ts';
import { HitWalk } from './hit-walk.ts';
import { helpView } from './help-view.ts';
import { emptyView, listView } from './host-list.ts';
import { HostPictures } from './host-pictures.ts';
import type { Target } from './host-pictures.ts';
import { hostView } from './host-view.ts';
import type { HostActions, HostLook } from './host-view.ts';
import { followListKeys } from './list-keys.ts';
import type { ListKeyActions } from './list-keys.ts';
import { ListPlace } from './list-place.ts';
import { sideView } from './side-view.ts';
import { Speaker } from './speaker.ts';

const AGES = 5000;
/** Of a row of folded hosts, about. */
const ROW = 78;
/** Of the list, as it is printed. */
const ALL = { scrollTop: 0, clientHeight: Infinity };

export class FleetApp implements HeaderActions, HostActions, ListKeyActions {
  readonly #root: HTMLElement;
  readonly #client: FleetClient;
  readonly #search: HostSearch;
  readonly #speaker: Speaker;
  readonly #address: FleetAddress;
  readonly #pictures: HostPictures;
  readonly #chosen = new Chosen();
  readonly #place = new ListPlace(() => this.#root.querySelector('#hosts'));
  #what = '';
  #shown: Shown = 'all';
  #help = false;
  readonly #walk = new HitWalk();
  #isPrinting = false;
  #current: string | null = null;
  #revealing: string | null = null;
  #isFocusing = false;
  #frame: number | null = null;

  constructor(root: HTMLElement, live: HTMLElement, io: FleetIo) {
    this.#root = root;
    const changed = (): void => this.#invalidate();
    this.#speaker = new Speaker(live);
    this.#client = new FleetClient(io, { changed, told: (messages) => this.#told(messages) });
    this.#search = new HostSearch(io, changed);
    this.#pictures = new HostPictures({
      client: this.#client,
      live: this.#speaker.live,
      query: () => this.#search.query,
      leave: (id) => {
        this.#current = id;
        this.step(0);
      },
      changed,
    });
    this.#address = new FleetAddress((place) => this.#goTo(place));
    this.#draw();
    const list = this.#list;
    list.addEventListener('scroll', changed, { passive: true });
    new ResizeObserver(changed).observe(list);
    followListKeys(list, this);
    setInterval(() => {
      if (!document.hidden) changed();
    }, AGES);
    for (const type of ['beforeprint', 'afterprint'])
      window.addEventListener(type, () => {
        this.#isPrinting = type === 'beforeprint';
        this.#draw();
      });
    document.addEventListener('visibilitychange', () => this.#client.visible(!document.hidden));
  }

  start(): void {
    this.#client.start();
    if (document.hidden) this.#client.visible(false);
  }

  // The top of the page.

  search(query: string): void {
    if (query !== this.#search.query) this.#walk.reset();
    this.#search.search(query);
    // Among all it is somewhere else.
    if (query === '') this.#revealing = this.#current;
  }

  nextHit(by: 1 | -1): void {
    const step = this.#walk.next(by, this.#chosen.hosts, this.#chosen.found);
    if (step !== null) this.#unfold(step.id, step.hit);
    this.#invalidate();
  }

  show(shown: Shown): void {
    this.#shown = shown;
    this.#list.scrollTop = 0;
    this.#invalidate();
  }

  foldAll(): void {
    for (const id of this.#pictures.ids) this.#pictures.fold(id);
  }

  help(): void {
    this.#help = !this.#help;
    this.#invalidate();
  }

  // A host.

  toggle(id: string): void {
    this.#current = id;
    if (this.#pictures.get(id) === null) this.#unfold(id, null);
    else this.#pictures.fold(id);
  }

  goToHit(id: string, hit: Hit): void {
    this.#unfold(id, hit);
  }

  // Keys.

  step(by: number): void {
    const { hosts } = this.#chosen;
    const at = this.#chosen.placeOf(this.#current) + by;
    const next = hosts[Math.max(0, Math.min(hosts.length - 1, at))];
    if (next !== undefined) this.#goToHost(next.id);
  }

  #goToHost(id: string): void {
    this.#current = id;
    this.#revealing = id;
    this.#isFocusing = true;
    this.#invalidate();
  }

  get columns(): number {
    return this.#chosen.columns;
  }

  get page(): number {
    return Math.max(1, Math.floor(this.#list.clientHeight / ROW)) * this.#chosen.columns;
  }

  focusSearch(): void {
    const input = this.#root.querySelector<HTMLInputElement>('#search');
    input?.focus();
    input?.select();
  }

  back(): void {
    if (this.#help) return this.help();
    if (this.#pictures.close()) return;
    if (this.#search.query !== '') return this.search('');
    this.step(0);
  }

  get #list(): HTMLElement {
    return this.#root.querySelector('#hosts') as HTMLElement;
  }

  #told(messages: readonly FleetMessage[]): void {
    this.#speaker.tell(messages);
    for (const message of messages) if (message.type === 'hostRemoved') this.#pictures.fold(message.host.id);
  }

  #unfold(id: string, target: Target | null): void {
    const host = this.#client.hosts.get(id);
    if (host === undefined) return this.#speaker.live.say('That host is not listed.');
    this.#revealing = id;
    this.#current = id;
    this.#pictures.unfold(host, target);
  }

  #goTo({ hosts, at, link, query, shown }: FleetPlace): void {
    this.#shown = shown;
    this.search(query);
    for (const id of this.#pictures.ids) if (!hosts.includes(id)) this.#pictures.fold(id);
    if (at === null) this.#pictures.deselect();
    for (const id of hosts) this.#unfold(id, id === hosts.at(-1) && at !== null ? { at, link } : null);
  }

  #invalidate(): void {
    if (this.#frame !== null) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = null;
      this.#draw();
    });
  }

  #draw(): void {
    const { hosts } = this.#client;
    if (hosts.size > 0) this.#address.arrive();
    this.#pictures.arrive();
    const held = this.#place.hold(this.#chosen, this.#current, this.#what);
    this.#what = `${this.#shown} ${this.#search.found?.query ?? ''}`;
    this.#chosen.update(hosts.ordered(), this.#search.found, this.#shown);
    const { clientWidth = 0, clientHeight = 0 } = this.#root.querySelector('#hosts') ?? {};
    this.#chosen.lay(this.#pictures, clientWidth, clientHeight);
    const isAtSide = document.querySelector('#side :focus');
    render(this.#view(), this.#root, { host: this });
    const next = this.#place.settle(held, this.#chosen, this.#what);
    if (next !== null) this.#goToHost(next);
    this.#reveal();
    if (isAtSide !== null && document.activeElement === document.body) this.step(0);
    if (hosts.size > 0) this.#address.update(this.#looked());
  }

  /** Scrolls to the host that somebody went to, and puts the focus there. */
  #reveal(): void {
    const row = this.#revealing === null ? undefined : this.#chosen.rowOf(this.#revealing);
    if (row !== undefined) {
      this.#revealing = null;
      if (this.#place.reveal(row)) this.#invalidate();
    }
    if (this.#isFocusing) this.#place.focus(this.#current ?? '');
    this.#isFocusing = false;
  }

  #looked(): Parameters<FleetAddress['update']>[0] {
    const { ids, selected } = this.#pictures;
    return { hosts: ids, query: this.#search.query, shown: this.#shown, selected: selected?.picture ?? null };
  }

  #view(): TemplateResult {
    const { hosts, connection } = this.#client;
    const { query, found } = this.#search;
    const header = {
      connection,
      broker: hosts.broker,
      counts: hosts.counts(),
      shown: this.#shown,
      query,
      found,
      hitAt: this.#walk.at(this.#chosen.hosts, this.#chosen.found),
      open: this.#pictures.size,
      help: this.#help,
    };
    return html`${headerView(header, this)}
      <main class=${this.#isSure ? '' : 'approximate'}>
        <div id="hosts">${this.#chosen.hosts.length === 0 ? this.#emptyView() : this.#listView()}</div>
        ${this.#sideView()} ${this.#help ? helpView(() => this.help()) : nothing}
      </main>`;
  }

  get #isSure(): boolean {
    return this.#client.connection.state === 'live' && this.#client.hosts.broker.state === 'live';
  }

  #listView(): TemplateResult {
    const { hosts, rows, columns } = this.#chosen;
    const list = this.#isPrinting ? ALL : this.#root.querySelector('#hosts');
    const { scrollTop: top = 0, clientHeight: height = window.innerHeight } = list ?? {};
    const current = this.#chosen.placeOf(this.#current);
    const serverTime = this.#client.hosts.serverTime(Date.now());
    const view = (host: HostRow, at: number, rowHeight: number): TemplateResult =>
      hostView(host, { ...this.#look(host, at, rowHeight), serverTime, isCurrent: at === current }, this);
    return listView({ hosts, rows, columns, top, height, current }, view);
  }

  #look({ id }: HostRow, at: number, height: number): Omit<HostLook, 'serverTime' | 'isCurrent'> {
    return {
      at: at + 1,
      of: this.#chosen.hosts.length,
      picture: this.#pictures.show(id),
      hasCome: this.#client.open.model(id) !== null,
      height,
      isSure: this.#isSure,
      found: this.#chosen.found.get(id) ?? null,
    };
  }

  #emptyView(): TemplateResult {
    return emptyView(this.#client.hosts, this.#shown === 'all' && this.#search.found === null);
  }

  #sideView(): TemplateResult | typeof nothing {
    const { selected } = this.#pictures;
    if (selected === null) return nothing;
    const host = this.#client.hosts.get(selected.id);
    const model = this.#client.open.model(selected.id);
    if (host === undefined || model === null) return nothing;
    return sideView(host, this.#isSure, selected.picture, model);
  }
}
