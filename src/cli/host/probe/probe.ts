/** What `nlink doctor` asks the host: this machine, or a test's. */
import type { AttemptFacts } from '../../commands/doctor/checks/try.ts';
import type { DirectoryFacts } from '../../commands/doctor/checks/directory.ts';
import type { FeatureFacts } from '../../commands/doctor/checks/features.ts';
import type { InotifyFacts } from '../../commands/doctor/checks/inotify.ts';
import type { NetlinkFacts } from '../../commands/doctor/checks/netlink.ts';
import type { PlatformFacts } from '../../commands/doctor/checks/platform.ts';
import type { RightsFacts } from '../../commands/doctor/checks/rights.ts';

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
