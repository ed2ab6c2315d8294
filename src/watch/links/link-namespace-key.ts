/** Tells apart the namespaces that links are told of. */
import { namespaceKey } from '../../netns/identity/identity.ts';
import type { LinkNamespace } from './link-types.ts';

/** That of a namespace with this number. */
export const numberKey = (number: number): string => `number ${number}`;

/** The same for two that are one namespace, as one watcher tells of them. */
export function keyOf({ number, namespace, own, nsid }: LinkNamespace): string {
  if (number !== null) return numberKey(number);
  if (namespace !== null) return namespaceKey(namespace);
  return own ? 'own' : `nsid ${nsid}`;
}
