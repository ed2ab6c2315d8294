/**
 * Waits until a condition holds, its time is over, or the user asks to stop. The watch stands
 * before the state is looked at.
 */
import { EventWait } from '../shared/event-wait.ts';
import type { UnifiedEvent, UnifiedNamespaceWatcherOptions } from '../../../watch/unified/unified-events.ts';
import type { EventSource, Io, NamespaceSource, StopSignal } from '../../host/io.ts';
import { judgedInventory } from '../../host/name-verdicts.ts';
import type { Condition } from './condition.ts';

export interface Wait {
  names: readonly string[];
  condition: Condition;
  watcher: UnifiedNamespaceWatcherOptions;
  /** Whether one of the names is enough. */
  any: boolean;
  /**
   * Whether the condition must still hold when all waiting events are taken; else it is enough that
   * it held for a moment.
   */
  lasting: boolean;
  /** Milliseconds; null: for ever. */
  timeout: number | null;
  /** Called when it is known that there is something to wait for. */
  onWait: (source: NamespaceSource) => void;
}

/** How it ended: it is so, the time was over, or a signal came. */
export type Outcome = 'met' | 'timeout' | StopSignal;

/** @throws what the watcher and the condition throw */
export async function waitFor(wait: Wait, io: Io): Promise<Outcome> {
  const { condition, timeout } = wait;
  const state: { end: Exclude<Outcome, 'met'> | null } = { end: null };
  let source: NamespaceSource | null = null;
  let events: EventWait<UnifiedEvent> | null = null;
  const stop = (outcome: Exclude<Outcome, 'met'>): void => {
    state.end ??= outcome;
    events?.interrupt();
  };
  const cleanups = [io.onStop(stop)];
  try {
    const { namespaces, watcher } = await io.listAndWatch(wait.watcher);
    source = watcher;
    // What the watcher is to start may have been stopped as well, and then the watcher lacks it.
    if (state.end !== null) return state.end;
    events = new EventWait(watcher);
    if (timeout !== null) cleanups.push(io.after(timeout, () => stop('timeout')));
    const isMeant = (name: string): boolean => wait.lasting && wait.names.includes(name);
    const judged = await judgedInventory(namespaces, isMeant, wait.watcher.proc ?? '/proc', io);
    await condition.begin(judged, watcher);
    if (takeAll(wait, watcher)) return 'met';
    wait.onWait(watcher);
    while (state.end === null) {
      const event = await events.recv();
      if (event === undefined) break;
      condition.apply(event);
      if ((!wait.lasting && holds(wait)) || takeAll(wait, watcher)) return 'met';
    }
    // The watcher ends by itself only with an error, or because it was stopped here.
    return takeAll(wait, watcher) ? 'met' : (state.end ?? 'timeout');
  } finally {
    await source?.stop();
    for (const cleanup of cleanups) cleanup();
  }
}

/** Takes the events that are waiting. @returns whether the condition holds */
function takeAll(wait: Wait, source: EventSource<Parameters<Condition['apply']>[0]>): boolean {
  for (;;) {
    if (!wait.lasting && holds(wait)) return true;
    const event = source.tryRecv();
    if (event === undefined) return holds(wait);
    wait.condition.apply(event);
  }
}

function holds({ names, any, condition }: Wait): boolean {
  const met = (name: string): boolean => condition.met(name);
  return any ? names.some(met) : names.every(met);
}
