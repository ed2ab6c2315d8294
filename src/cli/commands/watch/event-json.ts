/**
 * Lines of `nlink watch --json`: one object each, its fields always in the same order, as
 * `docs/command/watch.md` describes them.
 */
import { identityFields, located, reasonFields } from '../../output/json.ts';
import type { EventRecord } from './hook-environment.ts';
import type { Told } from './output-event.ts';

/** What a line says, as an object. @param time undefined: left out */
export function recordOf(told: Told, time: string | number | undefined): EventRecord {
  return { type: told.type, time, ...fieldsOf(told) };
}

function fieldsOf(told: Told): object {
  switch (told.type) {
    case 'present':
    case 'created': {
      if (told.name === null) {
        const { name, nsid, own, namespace } = told;
        return { name, nsid, own, namespace: identityFields(namespace) };
      }
      const state = told.ready ? { ready: true } : { ready: false, ...reasonFields(told) };
      const own = told.type === 'present' ? { own: told.own } : {};
      return {
        ...located(told),
        ...state,
        nsid: told.nsid,
        ...own,
        namespace: identityFields(told.namespace),
      };
    }
    case 'mounted':
      return { ...located(told), nsid: told.nsid, namespace: identityFields(told.namespace) };
    case 'unmounted':
    case 'deleted': {
      const { nsid, alive, namespace } = told;
      return { ...located(told), nsid, alive, namespace: identityFields(namespace) };
    }
    case 'nsidAssigned':
    case 'destroyed': {
      const { nsid, namespace, names } = told;
      return { nsid, namespace: identityFields(namespace), names: names.map(located) };
    }
    case 'directoryCreated':
    case 'directoryDeleted':
      return { path: told.path };
    case 'nsidsUnavailable':
      return { reason: told.error.code, message: told.error.message };
    default:
      return { lost: told.lost, complete: told.complete };
  }
}
