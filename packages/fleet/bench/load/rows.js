/** Namespaces of simulated hosts, as long as those of real ones, and what happens to them. */

const DIRECTORY = '/var/run/netns';
const SINCE = '1764500000000000000';

export const nameOf = (host, at, version) => `cni-${host.toString(16)}-${at}-${version}`;

const identity = (host, at, version) => ({
  id: String(host * 100_000 + at * 100 + version),
  dev: '4',
  ino: String(4_026_532_000 + at + version),
  since: SINCE,
});

const located = (name) => ({ name, path: `${DIRECTORY}/${name}`, directory: DIRECTORY });
const inside = { pids: [4711], loOnly: false, owner: null };

export function snapshotOf(epoch, seq, host, versions) {
  const namespaces = versions.map((version, at) => ({
    ...located(nameOf(host, at, version)),
    ready: true,
    nsid: null,
    own: false,
    namespace: identity(host, at, version),
    number: at + version * 1000,
    ...inside,
    processes: 1,
    lingering: false,
    linksState: null,
  }));
  const head = { type: 'snapshot', epoch, seq, revision: seq, directory: DIRECTORY, unavailable: ['links'] };
  return JSON.stringify({ ...head, namespaces, links: [] });
}

/** One goes, and another one comes for it: two events. */
export function replaced(host, at, version) {
  const time = new Date().toISOString();
  const [old, next] = [identity(host, at, version), identity(host, at, version + 1)];
  return [
    {
      type: 'deleted',
      time,
      ...located(nameOf(host, at, version)),
      nsid: null,
      alive: false,
      namespace: old,
    },
    {
      type: 'created',
      time,
      ...located(nameOf(host, at, version + 1)),
      ready: true,
      nsid: null,
      namespace: next,
      number: at + (version + 1) * 1000,
      ...inside,
    },
  ].map((event) => JSON.stringify(event));
}
