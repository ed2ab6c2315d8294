/** What looks see, in tests of the state machines of names. */
import type { NamespaceId } from '../../../src/netns/identity/identity.ts';
import type { Observation } from '../../../src/netns/identity/observe.ts';

/** The identity of a namespace, by a number of the test's. */
export const identity = (number: number): NamespaceId => ({
  id: BigInt(number),
  dev: 4n,
  ino: 4026531840n + BigInt(number),
  since: BigInt(number),
});

export const seenNamespace = (number: number): Observation => ({
  kind: 'namespace',
  namespace: identity(number),
  symlink: false,
  mountId: 1,
});

export const SEEN_FILE: Observation = {
  kind: 'file',
  reason: 'not-a-namespace',
  symlink: false,
  fresh: true,
  mountId: 1,
};
