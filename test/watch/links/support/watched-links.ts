/** What a `UnifiedNamespaceWatcher` with `links` says of the links of named namespaces, in few words. */
import { strict as assert } from 'node:assert';
import type { TestContext } from 'node:test';
import type { Link, LinkEvent, LinkNamespace, LinkOptions } from '../../../../src/watch/links/link-types.ts';
import { UnifiedNamespaceWatcher } from '../../../../src/watch/unified/unified-namespace-watcher.ts';
import { waitFor } from '../../../support/wait.ts';

/** The name of a namespace, or what else there is of it. */
const nameOf = ({ names, own }: LinkNamespace): string => names[0]?.name ?? (own ? 'own' : 'unnamed');

export class WatchedLinks {
  readonly #watcher: UnifiedNamespaceWatcher;
  readonly #events: LinkEvent[] = [];

  static async open(t: TestContext, links: LinkOptions | true = true): Promise<WatchedLinks> {
    const watcher = await UnifiedNamespaceWatcher.open({ links });
    t.after(() => watcher.stop());
    return new WatchedLinks(watcher);
  }

  private constructor(watcher: UnifiedNamespaceWatcher) {
    this.#watcher = watcher;
  }

  /** As it is listed; undefined: it is not there. */
  link(netns: string, name: string): Link | undefined {
    this.#take();
    const entry = this.#watcher.namespaces().find(({ names }) => names.some((one) => one.name === netns));
    return entry?.links?.find((link) => link.name === name);
  }

  names(netns: string): string[] {
    this.#take();
    const entry = this.#watcher.namespaces().find(({ names }) => names.some((one) => one.name === netns));
    return (entry?.links ?? []).map(({ name }) => name);
  }

  /**
   * Where a link leads: `namespace:link`, `namespace:`, the state of a far end that is not known,
   * `nothing`, or `gone` if the link itself is not there.
   */
  lead(netns: string, name: string): string {
    const link = this.link(netns, name);
    if (link === undefined) return 'gone';
    const { peer, peerState } = link;
    if (peerState === null) return 'nothing';
    return peer === null ? peerState : `${nameOf(peer.netns)}:${peer.name ?? ''}`;
  }

  leads(netns: string, name: string, wanted: string): Promise<void> {
    return equal(wanted, () => this.lead(netns, name));
  }

  /** All that was told of links of this name, but for their changes. */
  tells(name: string, wanted: readonly string[]): Promise<void> {
    return equal(wanted.join('\n'), () => this.#told(name).join('\n'));
  }

  #told(wanted: string): string[] {
    this.#take();
    return this.#events
      .filter(({ type, link: { name } }) => type !== 'linkChanged' && name === wanted)
      .map((event) => {
        if (event.type !== 'linkMoved') return `${event.type} ${nameOf(event.netns)}`;
        const { from, to } = event;
        return `${event.type} ${nameOf(from.netns)}:${from.name} ${nameOf(to.netns)}:${to.name}`;
      });
  }

  #take(): void {
    for (;;) {
      const event = this.#watcher.tryRecv();
      if (event === undefined) return;
      if ('link' in event) this.#events.push(event);
    }
  }
}

/** Waits, and shows what there is where that never comes. */
async function equal(wanted: string, found: () => string): Promise<void> {
  await waitFor(wanted, () => found() === wanted).catch(() => undefined);
  assert.equal(found(), wanted);
}
