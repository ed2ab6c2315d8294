/** One namespace of the page, or one name without a namespace, while it changes. */
import { labelOf } from '../format/namespace-label.ts';
import type { NamespaceLabel } from '../format/namespace-label.ts';
import type { ProcessOwner } from '../netns/processes/process-owner.ts';
import { numberText } from '../watch/links/label-text.ts';
import type { Labelled } from '../watch/links/label-text.ts';
import type {
  Ended,
  Identity,
  LinksState,
  Owner,
  PageLink,
  PageName,
  PageNamespace,
} from './replay-types.ts';

export class Box {
  readonly key: string;
  /** Grows from box to box. */
  readonly order: number;
  /** Whether it is a name without a namespace. */
  readonly isPlaceholder: boolean;
  names: PageName[] = [];
  /** Before the last one went: what one that has ended is called. */
  lastNames: readonly PageName[] = [];
  own = false;
  lingering = false;
  number: number | null = null;
  nsid: number | null = null;
  identity: Identity | null = null;
  owner: Owner | null = null;
  pids: readonly number[] = [];
  processes: number | null = null;
  loOnly: boolean | null = null;
  linksState: LinksState | null = null;
  ended: Ended | null = null;
  readonly links: Map<string, PageLink> = new Map();
  /** What it is called where no other is called the same; null: it has not been shown yet. */
  base: NamespaceLabel | null = null;
  label: NamespaceLabel = { text: '', shown: '' };
  /** As it was shown last. */
  view: PageNamespace | null = null;
  haveLinksChanged = false;
  /** No link that it has, or had, has a higher index. */
  highest = 0;

  constructor(key: string, order: number, isPlaceholder: boolean) {
    this.key = key;
    this.order = order;
    this.isPlaceholder = isPlaceholder;
  }

  labelIn(directory: string): NamespaceLabel {
    return labelOf(this.#labelled(), directory);
  }

  /** With what tells it from another one that is called the same. */
  distinct({ text, shown }: NamespaceLabel): NamespaceLabel {
    const number = numberText(this.#labelled());
    return { text: `${text} ${number}`, shown: `${shown} ${number}` };
  }

  /** Of two that are one: what this one lacks. */
  absorb(other: Box): void {
    for (const name of other.names)
      if (!this.names.some(({ path }) => path === name.path)) this.names.push(name);
    this.own ||= other.own;
    this.nsid ??= other.nsid;
    this.number ??= other.number;
    this.identity ??= other.identity;
    this.owner ??= other.owner;
    if (this.pids.length === 0) this.pids = other.pids;
    this.processes ??= other.processes;
    this.loOnly ??= other.loOnly;
    this.linksState ??= other.linksState;
    this.lingering &&= this.names.length === 0;
  }

  shown(): PageNamespace {
    const { key, label, own, lingering, number, nsid, identity, owner, pids, processes } = this;
    const { loOnly, linksState, links, ended } = this;
    const names = [...this.#namesShown()];
    return {
      key,
      label: label.text,
      shown: label.shown,
      names,
      own,
      lingering,
      number,
      nsid,
      identity,
      owner,
      pids,
      processes,
      loOnly,
      linksState,
      links,
      ended,
    };
  }

  #namesShown(): readonly PageName[] {
    return this.ended === null || this.names.length > 0 ? this.names : this.lastNames;
  }

  #labelled(): Labelled {
    const { identity, number, nsid, own, owner, pids } = this;
    const names = this.#namesShown();
    return { namespace: identity, number, nsid, names, own, owner: owner as ProcessOwner | null, pids };
  }
}
