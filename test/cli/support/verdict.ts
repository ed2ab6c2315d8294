/** Verdicts on names, as netns/diagnosis/name-diagnosis.ts gives them. */
import type { NotReadyReason } from '../../../src/netns/identity/observe.ts';
import type { MountedElsewhere, NameVerdict } from '../../../src/netns/diagnosis/verdict.ts';

const elsewhere: MountedElsewhere = {
  pid: 4711,
  comm: 'sleep',
  owner: null,
  mountNamespace: 4026532999n,
  host: true,
  own: false,
  mountPoint: '/run/netns/x',
  holder: '/run',
  namespace: 'net:[4026532178]',
};

/**
 * What is known of it only by being told is as for an old, empty file that was looked for
 * everywhere.
 */
export function verdictOf(reason: NotReadyReason, known: Partial<NameVerdict> = {}): NameVerdict {
  return {
    reason,
    file: { kind: 'empty', mode: 0, size: 0, age: 60_000 },
    mountedIn: reason === 'no-propagation' || reason === 'mounted-elsewhere' ? [elsewhere] : [],
    unseen: [],
    side: reason === 'no-propagation' ? 'here' : null,
    removable: reason === 'not-a-namespace',
    ...known,
  };
}
