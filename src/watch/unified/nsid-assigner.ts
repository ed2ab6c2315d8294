/** Gives nsids to named namespaces that have none: what `assignNsids` is for. */
import { requireNumbering } from '../../netlink/numbering-right.ts';
import type { Requester } from '../../netlink/requester.ts';
import type { NameRecord, PendingNsid } from './namespace-record.ts';
import { namedTargetOf } from './namespace-opener.ts';
import type { NamedNamespace } from './namespace-target.ts';
import type { NsidLookup } from './nsid-lookup.ts';

export class NsidAssigner {
  readonly #requester: Requester;
  readonly #lookup: NsidLookup;

  constructor(requester: Requester, lookup: NsidLookup) {
    this.#requester = requester;
    this.#lookup = lookup;
  }

  /** @throws NetlinkError `EPERM` */
  requirePrivilege(): Promise<void> {
    return requireNumbering(this.#requester);
  }

  /**
   * Gives an nsid to a named namespace that has none, unless it is gone or the privilege was lost.
   */
  async assign(target: NamedNamespace): Promise<void> {
    const [nsid] = await this.#lookup.ask([target]);
    if (typeof nsid === 'number') return;
    try {
      await this.#lookup.assign(target);
    } catch {
      // It has none, and its end will not be reported.
    }
  }

  /** Gives nsids to all that have names but the observer's own. @returns whether to any */
  async assignAll(names: Iterable<NameRecord>): Promise<boolean> {
    let any = false;
    for (const name of names) {
      if (name.record.kind === 'own' || name.path === '') continue;
      any = true;
      await this.assign(namedTargetOf(name));
    }
    return any;
  }

  /** Gives nsids to those names that claimed none. @returns whether to any */
  assignMissing(names: readonly NameRecord[], claims: readonly (PendingNsid | null)[]): Promise<boolean> {
    return this.assignAll(names.filter((_, at) => claims[at] === null));
  }
}
