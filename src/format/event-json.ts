/**
 * Lines of `nlink watch --json`: one object each, its fields always in the same order, as
 * `docs/command/watch.md` describes them.
 */
import { DEFAULT_DIRECTORY } from '../reference/directory.ts';
import { linkFields, linkNamespaceFields } from './link-fields.ts';
import { labelOf as labelIn } from './namespace-label.ts';
import { isNameOnly } from './link-text.ts';
import type { LabelOf } from './link-text.ts';
import { identityFields, located, reasonFields } from './json.ts';
import { isLinkOutput } from './output-event.ts';
import type { LinkOutputEvent, OutputEvent } from './output-event.ts';

/** The fields of an event's JSON, in their order. */
export type EventRecord = { type: string; time: string | number | undefined } & Record<string, unknown>;

/**
 * What a line says, as an object.
 * @param time undefined: left out
 * @param directory a name in it stands alone where it says where a link is
 */
export function recordOf(
  event: OutputEvent,
  time: string | number | undefined,
  directory: string = DEFAULT_DIRECTORY,
): EventRecord {
  const { type } = event;
  if (isLinkOutput(event))
    return { type, time, ...linkEventFields(event, (netns) => labelIn(netns, directory)) };
  return { type, time, ...fieldsOf(event) };
}

/** Those of the namespace are the new one's where it moved. */
function linkEventFields(event: LinkOutputEvent, labelOf: LabelOf): object {
  const { netns, link, masterName } = event;
  const where = linkNamespaceFields(netns, labelOf);
  const now = { link: { ...linkFields(link, labelOf, !isNameOnly(link)), masterName } };
  if (event.type === 'linkChanged') return { ...where, changed: event.changed, ...now };
  if (event.type !== 'linkMoved') return { ...where, ...now };
  const { ifindex, name, netns: old } = event.from;
  return { ...where, from: { ...linkNamespaceFields(old, labelOf), ifindex, name }, ...now };
}

function fieldsOf(event: Exclude<OutputEvent, LinkOutputEvent>): object {
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
    case 'linksUnavailable':
      return { reason: event.error.code, message: event.error.message };
    default:
      return { lost: event.lost, complete: event.complete };
  }
}

/** With `--all`. */
function inhabitantFields(event: Exclude<OutputEvent, LinkOutputEvent>): object {
  if (!('pids' in event)) return {};
  const { number, pids, owner, loOnly } = event;
  return { number, pids, loOnly, owner };
}
