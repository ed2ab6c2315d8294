/**
 * Lines of `nlink watch --json`: one object each, its fields always in the same order, as
 * `docs/command/watch.md` describes them.
 */
import { identityFields, located, reasonFields } from '../../output/json.ts';
import type { EventRecord } from './hook-environment.ts';
import type { OutputEvent } from './output-event.ts';

/** What a line says, as an object. @param time undefined: left out */
export function recordOf(event: OutputEvent, time: string | number | undefined): EventRecord {
  return { type: event.type, time, ...fieldsOf(event) };
}

function fieldsOf(event: OutputEvent): object {
  switch (event.type) {
    case 'present':
    case 'created': {
      if (event.name === null) {
        const { name, nsid, own, namespace } = event;
        return { name, nsid, own, namespace: identityFields(namespace), ...inhabitantFields(event) };
      }
      const state = event.ready ? { ready: true } : { ready: false, ...reasonFields(event) };
      const own = event.type === 'present' ? { own: event.own } : {};
      return {
        ...located(event),
        ...state,
        nsid: event.nsid,
        ...own,
        namespace: identityFields(event.namespace),
        ...inhabitantFields(event),
      };
    }
    case 'mounted':
      return { ...located(event), nsid: event.nsid, namespace: identityFields(event.namespace) };
    case 'unmounted':
    case 'deleted': {
      const { nsid, alive, namespace } = event;
      return { ...located(event), nsid, alive, namespace: identityFields(namespace) };
    }
    case 'nsidAssigned':
    case 'destroyed': {
      const { nsid, namespace, names } = event;
      return {
        nsid,
        namespace: identityFields(namespace),
        names: names.map(located),
        ...inhabitantFields(event),
      };
    }
    case 'found':
      return { nsid: event.nsid, namespace: identityFields(event.namespace), ...inhabitantFields(event) };
    case 'directoryCreated':
    case 'directoryDeleted':
      return { path: event.path };
    case 'nsidsUnavailable':
    case 'deathsUnavailable':
      return { reason: event.error.code, message: event.error.message };
    default:
      return { lost: event.lost, complete: event.complete };
  }
}

/** With `--all`. */
function inhabitantFields(event: OutputEvent): object {
  if (!('pids' in event)) return {};
  const { number, pids, owner, loOnly } = event;
  return { number, pids, loOnly, owner };
}
