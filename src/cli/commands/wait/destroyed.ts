/**
 * `nlink wait --destroyed`: the end of the namespaces that names stand for at the start. The kernel
 * tells it by their ids (RTM_DELNSID, `rtnl_net_notifyid` in net/core/net_namespace.c), and so only
 * of namespaces that have one.
 */
import { sameNamespace } from '../../../netns/identity/identity.ts';
import type { NamespaceId } from '../../../netns/identity/identity.ts';
import { joinPath } from '../../../reference/names.ts';
import type { InventoryEntry, LocatedName, UnifiedEvent } from '../../../watch/unified/unified-events.ts';
import { shown } from '../../output/escape.ts';
import type { Io } from '../../host/io.ts';
import { identityFields, located } from '../../output/json.ts';
import type { Condition } from './condition.ts';

/** A namespace that is to end. */
interface Doomed {
  at: LocatedName;
  namespace: NamespaceId;
  nsid: number | null;
  ended: boolean;
}

export class Destroyed implements Condition {
  readonly #directories: readonly string[];
  readonly #names: readonly string[];
  readonly #assign: boolean;
  readonly #io: Io;
  readonly #doomed = new Map<string, Doomed>();

  /** @param assign whether those without an id are to be given one */
  constructor(directories: readonly string[], names: readonly string[], assign: boolean, io: Io) {
    this.#directories = directories;
    this.#names = names;
    this.#assign = assign;
    this.#io = io;
  }

  async begin(namespaces: readonly InventoryEntry[]): Promise<void> {
    for (const name of this.#names) this.#doomed.set(name, this.#find(name, namespaces));
    const without = [...this.#doomed.values()].filter(({ nsid }) => nsid === null);
    const [first] = without;
    if (first === undefined) return;
    if (!this.#assign)
      throw fault(
        'ENODATA',
        `${shown(first.at.name)} has no id (nsid), and without one nobody is told of its end: give it one with --assign-id, ` +
          'or nlink set NAME auto (takes CAP_NET_ADMIN)',
      );
    const connection = await this.#io.openConnection({});
    try {
      for (const doomed of without) {
        const { path } = doomed.at;
        const nsid = await assigned(() => connection.setNsid({ path }, 'auto'));
        if (nsid === null) continue;
        // The name may go before the watcher finds out whose id it was told of. If it is another's
        // by now, so may the id be.
        const there = await this.#io.calls.identityAt(path);
        if (there === null || sameNamespace(there, doomed.namespace)) doomed.nsid = nsid;
      }
    } finally {
      connection.close();
    }
  }

  apply(event: UnifiedEvent): void {
    for (const doomed of this.#doomed.values()) applyTo(doomed, event);
  }

  met(name: string): boolean {
    return this.#doomed.get(name)?.ended === true;
  }

  why(name: string): string {
    const { namespace, nsid } = this.#doomed.get(name) as Doomed;
    return `lives on: net:[${namespace.ino}]${nsid === null ? '' : `, nsid ${nsid}`}`;
  }

  fields(name: string): object {
    const doomed = this.#doomed.get(name);
    if (doomed === undefined) return {};
    const { at, namespace, nsid } = doomed;
    return { ...located(at), nsid, namespace: identityFields(namespace) };
  }

  #find(name: string, namespaces: readonly InventoryEntry[]): Doomed {
    for (const directory of this.#directories) {
      const path = joinPath(directory, name);
      const entry = namespaces.find(({ names }) => names.some((other) => other.path === path));
      if (entry === undefined) continue;
      const { identity: namespace, nsid, own } = entry;
      if (own)
        throw fault(
          'EBUSY',
          `${shown(name)} is the namespace that nlink runs in, which cannot end while it waits`,
        );
      if (namespace !== null) return { at: { name, path, directory }, namespace, nsid, ended: false };
    }
    throw fault(
      'ENOENT',
      `${shown(name)} stands for no namespace in ${this.#directories.join(', ')}, so that nobody can tell whose end is meant; ` +
        '--gone waits for a name',
    );
  }
}

/** The id; null if somebody else was as quick: the watcher tells of the id either way. */
async function assigned(assign: () => Promise<number>): Promise<number | null> {
  try {
    return await assign();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return null;
  }
}

function applyTo(doomed: Doomed, event: UnifiedEvent): void {
  const { namespace, nsid, at } = doomed;
  if (event.type === 'nsidAssigned') {
    if (event.namespace !== null && sameNamespace(event.namespace, namespace)) doomed.nsid = event.nsid;
  } else if (event.type === 'destroyed') {
    if (event.namespace === null ? event.nsid === nsid : sameNamespace(event.namespace, namespace))
      doomed.ended = true;
  } else if ((event.type === 'deleted' || event.type === 'unmounted') && event.path === at.path) {
    // Its id, if it has got one, may be told of by this.
    doomed.nsid ??= event.nsid;
    if (doomed.nsid === null && !doomed.ended)
      throw fault(
        'ENODATA',
        `${shown(at.name)} was deleted before its namespace had an id, so that its end is told to nobody`,
      );
  }
}

const fault = (code: string, message: string): Error => Object.assign(new Error(message), { code });
