/** What `nlink add` and `nlink attach` print of a name that they made, with `--json`. */
import type { NamespaceId } from '../netns/identity.ts';
import { safeJson } from './escape.ts';
import { identityFields, named } from './json.ts';
import type { NameTarget } from './name-target.ts';

export const madeName = (file: NameTarget, namespace: NamespaceId): string =>
  `${safeJson({ ...named(file), namespace: identityFields(namespace) })}\n`;
