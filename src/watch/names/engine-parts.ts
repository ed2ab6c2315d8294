/** Makes the parts of a names engine, and hands each of them the others that it works with. */
import { Inotify } from '../../inotify/inotify.ts';
import { Observer } from '../../netns/identity/observe.ts';
import { cPath } from '../../reference/names.ts';
import type { System } from '../../sys/system.ts';
import type { Clock } from '../stream/clock.ts';
import { DirectoryScan } from './directory-scan.ts';
import { DirectoryWatch } from './directory-watch.ts';
import { MountTable } from './mount-table.ts';
import { InotifyApplier } from './inotify-applier.ts';
import type { WatcherSettings } from './name-options.ts';
import { NameProbe } from './name-probe.ts';
import { NameStates } from './name-states.ts';
import type { WatchedName } from './name-states.ts';
import { PendingResync } from './pending-resync.ts';
import { ProbeSchedule } from './probe-schedule.ts';
import { PropagationCheck } from './propagation-check.ts';
import type { Diagnosis } from './propagation-check.ts';

/** What a watcher works with; tests use their own. */
export interface WatcherIo {
  system: System;
  clock: Clock;
  diagnosis: Diagnosis;
  /** Bytes of inotify records that one read takes. Default: see `Inotify`. */
  batchSize?: number | undefined;
}

export interface EngineParts {
  inotify: Inotify;
  watch: DirectoryWatch;
  records: InotifyApplier;
  table: NameStates;
  mounts: MountTable;
  schedule: ProbeSchedule;
  probe: NameProbe;
  scan: DirectoryScan;
  resync: PendingResync;
  /** Null where nothing is held back. */
  propagation: PropagationCheck | null;
}

/** @throws SystemError as {@link Inotify} says; nothing is left open then */
export function engineParts(io: WatcherIo, settings: WatcherSettings, wake: () => void): EngineParts {
  const { system, clock, diagnosis } = io;
  const { directory, readyTimeout, names } = settings;
  const table = new NameStates(directory, readyTimeout);
  const observer = new Observer(system);
  const mounts = new MountTable(system, cPath(directory), table, (record) => schedule.look(record));
  const schedule = new ProbeSchedule(clock, table, mounts, wake);
  const onResult = (results: readonly WatchedName[]): void => {
    for (const record of results) schedule.look(record);
    wake();
  };
  const propagation = readyTimeout === 0 ? null : new PropagationCheck(directory, diagnosis, onResult);
  const inotify = new Inotify(system, io.batchSize);
  const watch = new DirectoryWatch(system, inotify, directory);
  const records = new InotifyApplier({ inotify, watch, table, schedule, clock }, names);
  const probe = new NameProbe(
    { observer, watch, records, schedule, mounts },
    { table, propagation, clock, settings },
  );
  const scan = new DirectoryScan(
    { system, clock, observer, watch, records, schedule, mounts, table },
    settings,
  );
  return {
    inotify,
    watch,
    records,
    table,
    mounts,
    schedule,
    probe,
    scan,
    resync: new PendingResync(readyTimeout),
    propagation,
  };
}
