/** A machine that is looked at by `nlink doctor`, made of facts: all is well there. */
import type {
  AttemptFacts,
  DirectoryFacts,
  FeatureFacts,
  InotifyFacts,
  NetlinkFacts,
  LinkFacts,
  PlatformFacts,
  ProcessFacts,
  Probe,
  RightsFacts,
} from '../../../src/cli/host/probe/probe.ts';

export const platform: PlatformFacts = {
  node: '20.19.0',
  runtime: 'Node 20.19.0',
  platform: 'linux',
  arch: 'x64',
  library: null,
  wakes: null,
  kernel: '6.18.44-generic',
  proc: true,
  procRefused: null,
};

export const directory: DirectoryFacts = {
  path: '/var/run/netns',
  fault: null,
  real: '/run/netns',
  sameAsRun: true,
  names: [
    {
      name: 'blue',
      path: '/var/run/netns/blue',
      directory: '/var/run/netns',
      ready: true,
      namespace: { id: 7n, dev: 4n, ino: 4026532178n, since: 1n },
    },
  ],
  arrival: { kind: 'host', hostHas: true, foreign: false, holder: '/run', shared: true },
};

export const inotify: InotifyFacts = {
  instances: { sysctl: 'fs.inotify.max_user_instances', most: 128, used: 3 },
  watches: { sysctl: 'fs.inotify.max_user_watches', most: 8192, used: 40 },
  initFault: null,
  watchFault: null,
};

export const netlink: NetlinkFacts = {
  query: null,
  events: null,
  byNumber: true,
  listed: { count: 2, complete: true },
  buffer: { wanted: 4194304, granted: 4194304, forced: true },
  deaths: null,
};

export const processes: ProcessFacts = {
  proc: '/proc',
  unseen: { processes: 0, hidden: false, outside: false },
  fault: null,
  hints: true,
};
export const links: LinkFacts = {
  fault: null,
  states: { pending: 0, live: 3, approximate: 0, limited: 0, closed: 0 },
};

export const features: FeatureFacts = { handles: true, mountChanges: true };

export const rights: RightsFacts = {
  capabilities: (1n << 41n) - 1n,
  seccomp: 0,
  openFiles: { most: 1024, used: 20 },
  maxNamespaces: 1000,
  owner: { kind: 'service', name: 'nlink-watch.service', id: null },
};

export class FakeProbe implements Probe {
  facts: {
    platform: PlatformFacts;
    directory: DirectoryFacts;
    inotify: InotifyFacts;
    netlink: NetlinkFacts;
    features: FeatureFacts;
    processes: ProcessFacts;
    links: LinkFacts;
    rights: RightsFacts;
    attempt: AttemptFacts;
  } = {
    platform,
    directory,
    inotify,
    netlink,
    features,
    processes,
    links,
    rights,
    attempt: { done: true, created: 1.25, deleted: 0.5 },
  };

  /** Directories that were looked at, and tried in. */
  asked: string[] = [];
  tried: string[] = [];

  readonly platform: Probe['platform'] = () => this.facts.platform;
  readonly directory: Probe['directory'] = async (path) => {
    this.asked.push(path);
    return { ...this.facts.directory, path };
  };

  readonly inotify: Probe['inotify'] = async () => this.facts.inotify;
  readonly netlink: Probe['netlink'] = async () => this.facts.netlink;
  readonly features: Probe['features'] = () => this.facts.features;
  readonly processes: Probe['processes'] = async () => this.facts.processes;
  readonly links: Probe['links'] = async () => this.facts.links;
  readonly rights: Probe['rights'] = () => this.facts.rights;
  readonly attempt: Probe['attempt'] = async (path) => {
    this.tried.push(path);
    return this.facts.attempt;
  };
}
