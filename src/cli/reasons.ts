/** Why a name cannot be entered, in words, and what to do about it where something can be done. */
import type { NotReadyReason } from '../netns/observe.ts';

/** For a line of output. */
export const REASONS: Readonly<Record<NotReadyReason, string>> = {
  'not-a-namespace': 'a file on which no namespace is mounted',
  'wrong-type': 'a namespace of another kind than network',
  'no-propagation': "the host's mounts do not arrive here",
  'dangling-symlink': 'a symbolic link to something that is not there',
  'no-permission': 'a symbolic link that this user may not follow',
  vanished: 'deleted before a namespace was mounted on it',
  timeout: 'no namespace was mounted on it',
};

/** Said once, on stderr. */
export const REMEDIES: Readonly<Partial<Record<NotReadyReason, string>>> = {
  'no-propagation':
    'mounts made on the host do not arrive in this mount namespace: give it the directory with propagation ' +
    '(docker run -v /run/netns:/run/netns:rslave; Kubernetes: mountPropagation: HostToContainer; systemd: MountFlags=slave); ' +
    'what a rootless runtime mounts is seen in its own mount namespace alone (podman unshare nlink …)',
  'no-permission': 'links to /proc/PID/ns/net of other users can be followed by root only: sudo nlink …',
};
