/**
 * The layers of each package (docs/architecture.md), which check-layers.js checks imports by.
 *
 * `layers`: from the lowest to the highest; those of one row must not know each other. A folder with
 * rooms has an entry for each of them; what lies in the folder itself belongs to the entry of that
 * name. `separate`: each entry of these folders is a layer of its own; they must not know each other.
 * `onlyBy`: who alone may import from a layer, of all that are above it. `packages`: who alone may
 * import which package. `browser`: what runs in one, and has nothing of Node. `outside`: what may be
 * imported from elsewhere, and by whom.
 */

export const CORE = {
  root: 'src',
  layers: [
    ['errors.ts'],
    ['sys'],
    ['reference'],
    ['inotify', 'netlink'],
    ['netns/identity'],
    ['netns/processes'],
    ['netns/mounts'],
    ['netns/diagnosis'],
    ['netns/names'],
    ['netns/holders', 'netns/enter'],
    ['watch/stream'],
    ['watch/names', 'watch/ids', 'watch/links'],
    ['watch/unified'],
    ['format'],
    ['replay'],
    ['search'],
    ['page/model'],
    ['page/layout'],
    ['page/view'],
    ['serve/metrics'],
    ['serve'],
    ['index.ts'],
    ['cli/output'],
    ['cli/host', 'cli/spec'],
    ['cli/args'],
    ['internal.ts'],
    ['cli/commands/shared'],
    ['cli/commands'],
    ['cli/registry.ts'],
    ['cli/run.ts'],
    ['cli/main.ts'],
  ],
  separate: ['cli/commands'],
  onlyBy: { 'cli/commands': 'cli/registry.ts', 'cli/registry.ts': 'cli/run.ts' },
  packages: { koffi: ['sys'], 'lit-html': ['page/view'] },
  browser: ['page', 'replay', 'search'],
  outside: { '../package.json': [''] },
};

export const FLEET = {
  root: 'packages/fleet/src',
  layers: [
    ['errors.ts', 'core.ts'],
    ['wire'],
    ['transport/transport.ts'],
    ['nats'],
    ['transport/nats', 'transport/http', 'agent'],
    ['reader'],
    ['fleet-watcher.ts'],
    ['page/model'],
    ['page/view'],
    ['serve'],
    ['index.ts'],
    ['cli/spec', 'cli/host', 'cli/output'],
    ['cli'],
    ['cli/commands'],
    ['cli/run.ts'],
    ['cli/main.ts'],
  ],
  separate: [],
  onlyBy: {},
  packages: {
    '@nats-io/transport-node': ['nats', 'transport/nats', 'agent'],
    '@nats-io/jetstream': ['nats', 'transport/nats'],
    'lit-html': ['page/view'],
  },
  browser: ['page'],
  outside: {
    '../../../src/internal.ts': ['core.ts'],
    '../../../src/page/': ['page'],
    '../../../src/replay/': ['page'],
    '../../../src/search/': ['page'],
    '../../../src/format/': ['page'],
  },
};
