/**
 * Reads the directory and makes the states of the names equal to it. A listing holds as of its end:
 * for a name with records queued by then, the last of them says whether it is there, and the probe
 * looks at it anew. One routine serves the start, a directory that came, and a loss.
 */
import { listDirectory } from '../../netns/names/list.ts';
import type { ListedName } from '../../netns/names/list.ts';
import { leadsNowhere } from '../../netns/identity/observe.ts';
import type { Observer } from '../../netns/identity/observe.ts';
import type { SystemError } from '../../sys/errno.ts';
import type { System } from '../../sys/system.ts';
import type { Clock } from '../stream/clock.ts';
import type { DirectoryWatch } from './directory-watch.ts';
import type { InotifyApplier } from './inotify-applier.ts';
import type { NamespaceEvent } from './name-events.ts';
import type { WatcherSettings } from './name-options.ts';
import type { NameStates } from './name-states.ts';
import type { MountTable } from './mount-table.ts';
import type { ProbeSchedule } from './probe-schedule.ts';

interface Parts {
  system: System;
  clock: Clock;
  observer: Observer;
  watch: Pick<DirectoryWatch, 'stillWatches'>;
  records: Pick<InotifyApplier, 'drain'>;
  schedule: Pick<ProbeSchedule, 'look'>;
  mounts: Pick<MountTable, 'observed'>;
  table: NameStates;
}

/** The names that were found, and what the records queued by the end of the reading say. */
interface Scan {
  listed: ListedName[];
  /** For each name with records: whether the last of them left it there. */
  last: Map<string, boolean>;
}

export class DirectoryScan {
  /** How long the last reading took, in milliseconds. */
  took = 0;
  readonly #parts: Parts;
  readonly #settings: WatcherSettings;

  constructor(parts: Parts, settings: WatcherSettings) {
    this.#parts = parts;
    this.#settings = settings;
  }

  /**
   * @returns null: records were lost, or the path changed, meanwhile, so that it has to be read
   *   again
   * @throws SystemError `EACCES`, `EMFILE`, …
   */
  read(): Scan | null {
    const { clock, records, watch } = this.#parts;
    const start = clock.now();
    const listed = this.#list();
    const last = records.drain();
    this.took = clock.now() - start;
    return listed === null || last === null || !watch.stillWatches() ? null : { listed, last };
  }

  /**
   * Applies what was read.
   * @param adopt what is found was there before the watcher, and makes no event
   */
  *apply({ listed, last }: Scan, adopt: boolean): Generator<NamespaceEvent, void> {
    const { table, clock, schedule, mounts } = this.#parts;
    const now = clock.now();
    const present = new Set(listed.map(({ name }) => name));
    const gone = [...table.records.keys()].filter((name) => last.has(name) || !present.has(name));
    yield* vanishAll(table, gone);
    for (const { name, found } of listed) {
      if (last.has(name)) continue;
      if (adopt) {
        mounts.observed(table.adopt(name, found), found);
        continue;
      }
      const record = table.appear(name, now);
      mounts.observed(record, found);
      yield* table.observeAll(record, found, now);
    }
    for (const [name, isThere] of last) if (isThere) schedule.look(table.appear(name, now));
  }

  /** The names as they are found now; null if the path leads to no directory by now. */
  #list(): ListedName[] | null {
    const { directory, followSymlinks, names } = this.#settings;
    const { system, observer } = this.#parts;
    try {
      return listDirectory(system, observer, directory, followSymlinks, names);
    } catch (error) {
      if (leadsNowhere((error as SystemError).errno)) return null;
      throw error;
    }
  }
}

/** All of these names vanished. */
export function* vanishAll(table: NameStates, names: Iterable<string>): Generator<NamespaceEvent, void> {
  for (const name of names) {
    for (let event = table.vanish(name); event !== undefined; event = table.vanish(name)) yield event;
  }
}
