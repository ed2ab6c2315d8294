/**
 * The proof on this machine: makes a namespace under a name of its own, watches it come and go, and
 * leaves nothing behind.
 */
import { codedError } from '../../output/coded-error.ts';
import { createNamespace } from '../../../netns/names/create.ts';
import { deleteNamespace } from '../../../netns/names/delete.ts';
import type { NamespaceEvent } from '../../../watch/names/name-events.ts';
import { NamespaceWatcher } from '../../../watch/names/namespace-watcher.ts';
import type { AttemptFacts } from './probe.ts';
import { faultOf } from './fault.ts';
import type { Fault } from './fault.ts';

/** An event that has not come by then does not come, in milliseconds. */
const DEADLINE = 5000;

/** @param signal ends it early, cleaned up all the same */
export async function attemptIn(directory: string, signal: AbortSignal): Promise<AttemptFacts> {
  const name = `nlink-doctor-${process.pid}`;
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(3 * DEADLINE)]);
  let at: Extract<AttemptFacts, { done: false }>['at'] = 'see';
  let made = false;
  try {
    await using watcher = await NamespaceWatcher.open({
      directory,
      readyTimeout: DEADLINE,
      signal: deadline,
    });
    at = 'make';
    let begin = performance.now();
    await createNamespace(name, { directory });
    made = true;
    at = 'see';
    const event = await eventOf(watcher, name, 'created');
    const created = performance.now() - begin;
    if (event.type === 'created' && !event.ready)
      return {
        done: false,
        at,
        fault: { code: event.reason, message: `its name came, but not ready (${event.reason})` },
      };
    at = 'delete';
    begin = performance.now();
    await deleteNamespace(name, { directory });
    made = false;
    at = 'see the end of';
    await eventOf(watcher, name, 'deleted');
    return { done: true, created, deleted: performance.now() - begin };
  } catch (error) {
    return { done: false, at, fault: reasonOf(error) };
  } finally {
    // The failure is reported above; that the name is gone by now is no fault.
    if (made) await deleteNamespace(name, { directory }).catch(() => {});
  }
}

async function eventOf(
  watcher: NamespaceWatcher,
  name: string,
  type: 'created' | 'deleted',
): Promise<NamespaceEvent> {
  for (;;) {
    const event = await watcher.recv();
    if (event === undefined) throw codedError('ERR_NLINK_CLOSED', 'the watch ended');
    if (event.type === type && event.name === name) return event;
  }
}

function reasonOf(error: unknown): Fault {
  const fault = faultOf(error);
  return fault.code === 'ABORT_ERR'
    ? { code: 'ETIMEDOUT', message: 'its event did not come, or this was interrupted' }
    : fault;
}
