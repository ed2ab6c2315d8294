/** Why a name cannot be entered, in words, where no verdict says more (verdict-text.ts). */
import type { NotReadyReason } from '../../netns/identity/observe.ts';

/** For a line of output. */
export const REASONS: Readonly<Record<NotReadyReason, string>> = {
  'not-a-namespace': 'a file on which no namespace is mounted',
  pending: 'no namespace is mounted on it yet',
  'mounted-elsewhere': 'mounted only in another mount namespace',
  unmounted: 'its namespace was unmounted',
  unknown: 'no namespace is mounted on it here; whether one is mounted elsewhere is unknown',
  'wrong-type': 'a namespace, but not a network namespace',
  'no-propagation': 'mounted in another mount namespace, whose mounts do not propagate here',
  'dangling-symlink': 'a symbolic link whose target does not exist',
  'no-permission': 'a symbolic link that this user may not follow',
  vanished: 'gone before nlink looked at it',
  timeout: 'no namespace was mounted on it',
};
