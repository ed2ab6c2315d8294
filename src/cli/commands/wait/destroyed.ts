/**
 * `nlink wait --destroyed`: the end of the namespaces that names stand for, or that processes are
 * in, at the start. Where the
 * watcher may not watch for deaths, the kernel reports it by nsid (RTM_DELNSID, `rtnl_net_notifyid`
 * in net/core/net_namespace.c), so only for namespaces that have one.
 */
import { codedError } from '../../output/coded-error.ts';
import { sameNamespace } from '../../../netns/identity/identity.ts';
import type { NamespaceId } from '../../../netns/identity/identity.ts';
import { joinPath } from '../../../reference/names.ts';
import type { InventoryEntry, LocatedName, UnifiedEvent } from '../../../watch/unified/unified-events.ts';
import { shown } from '../../../format/escape.ts';
import type { Io, LifeSource } from '../../host/io.ts';
import { identityFields, located } from '../../../format/json.ts';
import type { Condition } from './condition.ts';

/** A namespace that is to end, as it was named. */
type Target = (
  { at: LocatedName; namespace: NamespaceId } | { pid: number; namespace: NamespaceId | null }
) & {
  nsid: number | null;
  /** The watcher's number of it, where it looks at processes. */
  number: number | null;
  ended: boolean;
};

/** What the words of the command are. */
export interface DestroyedWords {
  directories: readonly string[];
  names: readonly string[];
  /** Which of the names are processes. */
  pids: ReadonlySet<string>;
}

export class Destroyed implements Condition {
  readonly #directories: readonly string[];
  readonly #names: readonly string[];
  readonly #pids: ReadonlySet<string>;
  readonly #assign: boolean;
  readonly #io: Io;
  readonly #target = new Map<string, Target>();
  #source: LifeSource | null = null;

  /** @param assign whether those without an nsid are to be given one, where they need it */
  constructor({ directories, names, pids }: DestroyedWords, assign: boolean, io: Io) {
    this.#directories = directories;
    this.#names = names;
    this.#pids = pids;
    this.#assign = assign;
    this.#io = io;
  }

  async begin(namespaces: readonly InventoryEntry[], source: LifeSource): Promise<void> {
    this.#source = source;
    for (const name of this.#names)
      this.#target.set(
        name,
        this.#pids.has(name) ? this.#ofProcess(Number(name), source) : this.#find(name, namespaces),
      );
    if (source.isWatchingDeaths) return;
    const why = source.deathsError?.message ?? 'deaths are not watched';
    if (!source.isWatchingNsids)
      throw codedError('ENODATA', `the end of a namespace cannot be observed here: ${why}`);
    const without = [...this.#target.values()].filter(({ nsid }) => nsid === null);
    const [first] = without;
    if (first === undefined) return;
    if (!this.#assign)
      throw codedError(
        'ENODATA',
        `${textOf(first)} has no nsid, so its end cannot be observed (${why}): assign one with ` +
          '--assign-nsid or nlink set NAME auto (requires CAP_NET_ADMIN)',
      );
    const connection = await this.#io.openConnection({});
    try {
      for (const target of without) {
        if ('pid' in target) continue;
        const { path } = target.at;
        const nsid = await assigned(() => connection.setNsid({ path }, 'auto'));
        if (nsid === null) continue;
        // The name may go before the watcher finds the owner of the nsid. If the name stands for
        // another namespace by now, the nsid may belong to that one.
        const there = await this.#io.calls.identityAt(path);
        if (there === null || sameNamespace(there, target.namespace)) target.nsid = nsid;
      }
    } finally {
      connection.close();
    }
  }

  apply(event: UnifiedEvent): void {
    for (const target of this.#target.values()) {
      applyTo(target, event);
      if (event.type === 'deathsUnavailable' || event.type === 'nsidsUnavailable')
        this.#requireObservable(target);
    }
  }

  met(name: string): boolean {
    return this.#target.get(name)?.ended === true;
  }

  why(name: string): string {
    const target = this.#target.get(name) as Target;
    const { namespace, nsid } = target;
    const known = [
      ...(namespace === null ? [] : [`net:[${namespace.ino}]`]),
      ...(nsid === null ? [] : [`nsid ${nsid}`]),
    ];
    return `${textOf(target)} is still alive${known.length === 0 ? '' : `: ${known.join(', ')}`}`;
  }

  fields(name: string): object {
    const target = this.#target.get(name);
    if (target === undefined) return {};
    const { namespace, nsid } = target;
    const known = { nsid, namespace: identityFields(namespace) };
    return 'pid' in target ? { pid: target.pid, ...known } : { ...located(target.at), ...known };
  }

  /** @throws the end of the target cannot be reported any more */
  #requireObservable(target: Target): void {
    const source = this.#source;
    if (target.ended || source === null || source.isWatchingDeaths) return;
    if (target.nsid === null || !source.isWatchingNsids) throw unobservable(target);
  }

  #ofProcess(pid: number, source: LifeSource): Target {
    const entry = source.entryOfProcess(pid);
    if (entry === null) {
      if (source.isWatchingDeaths)
        throw codedError(
          'ESRCH',
          `no process ${pid} that can be seen, and no name ${pid} in ${this.#directories.join(', ')}`,
        );
      const why = source.deathsError?.message ?? 'deaths are not watched';
      throw codedError(
        'ENODATA',
        `the end of the namespace of process ${pid} cannot be observed here: ${why}`,
      );
    }
    const { namespace, nsid, own, number = null } = entry;
    if (own) throw ofNlinkItself(`that of process ${pid}`);
    return { pid, namespace, nsid, number, ended: false };
  }

  #find(name: string, namespaces: readonly InventoryEntry[]): Target {
    for (const directory of this.#directories) {
      const path = joinPath(directory, name);
      const entry = namespaces.find(({ names }) => names.some((other) => other.path === path));
      if (entry === undefined) continue;
      const { namespace, nsid, own, number = null } = entry;
      if (own) throw ofNlinkItself(shown(name));
      const at = { name, path, directory };
      if (namespace !== null) return { at, namespace, nsid, number, ended: false };
    }
    throw codedError(
      'ENOENT',
      `${shown(name)} has no namespace in ${this.#directories.join(', ')}, so there is no end to wait for; ` +
        'use --gone to wait for a name',
    );
  }
}

/** The nsid; null if somebody else was quicker: the watcher reports the nsid either way. */
async function assigned(assign: () => Promise<number>): Promise<number | null> {
  try {
    return await assign();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return null;
  }
}

function applyTo(target: Target, event: UnifiedEvent): void {
  const { namespace, nsid, number } = target;
  if (event.type === 'nsidAssigned') {
    if (event.namespace !== null && namespace !== null && sameNamespace(event.namespace, namespace))
      target.nsid = event.nsid;
  } else if (event.type === 'destroyed') {
    if (number !== null && event.number === number) target.ended = true;
    else if (event.namespace === null || namespace === null)
      target.ended ||= event.nsid !== null && event.nsid === nsid;
    else if (sameNamespace(event.namespace, namespace)) target.ended = true;
  } else if (
    (event.type === 'deleted' || event.type === 'unmounted') &&
    'at' in target &&
    event.path === target.at.path
  ) {
    // This event may be the first that reports its nsid.
    target.nsid ??= event.nsid;
    if (event.alive === null && target.nsid === null && !target.ended) throw unobservable(target);
  }
}

const textOf = (target: Target): string =>
  'pid' in target ? `the namespace of process ${target.pid}` : shown(target.at.name);

const ofNlinkItself = (what: string): Error =>
  codedError('EBUSY', `${what} is the namespace of nlink itself, which cannot end while it waits`);

const unobservable = (target: Target): Error =>
  codedError(
    'ENODATA',
    target.nsid === null
      ? `${textOf(target)} has no nsid, and its end cannot be observed without`
      : `the end of ${textOf(target)} cannot be observed any longer: neither deaths nor nsids are watched`,
  );
