/** What `nlink doctor` asks the host: this machine, or a test's. */
import type { AttemptFacts } from './attempt.ts';
import type { DirectoryFacts } from './directory.ts';
import type { FeatureFacts } from './features.ts';
import type { InotifyFacts } from './inotify.ts';
import type { NetlinkFacts } from './netlink.ts';
import type { PlatformFacts } from './platform.ts';
import type { RightsFacts } from './rights.ts';

/**
 * All but {@link Probe.platform} need a platform that is supported. None but {@link Probe.attempt}
 * changes anything.
 */
export interface Probe {
  platform: () => PlatformFacts;
  directory: (path: string) => Promise<DirectoryFacts>;
  inotify: () => Promise<InotifyFacts>;
  netlink: () => Promise<NetlinkFacts>;
  features: () => FeatureFacts;
  rights: () => RightsFacts;
  /**
   * Makes a namespace in the directory, watches it come, deletes it and watches it go; deleted
   * whatever happens.
   */
  attempt: (directory: string, signal: AbortSignal) => Promise<AttemptFacts>;
}
