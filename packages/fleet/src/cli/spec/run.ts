/** What the commands that run on, or set something up, declare of themselves. */
import type { Command } from '../../core.ts';
import { JSON_LINES, NATS, SOURCE } from './shared.ts';

export const SERVE: Command = {
  name: 'serve',
  knownAs: ['web', 'page', 'ui', 'http'],
  summary: 'serve a page of the whole fleet, and metrics, over HTTP',
  description: [
    'Serves a page with all hosts and what is on them, live; a search over all;',
    '/metrics; and /sd, by which Prometheus finds the hosts to scrape. It changes',
    'nothing anywhere.',
  ],
  arguments: [],
  options: [
    {
      name: 'listen',
      value: 'ADDRESS',
      knownAs: ['address', 'port', 'bind'],
      help: ['ADDRESS:PORT, unix:PATH (default 127.0.0.1:9479);', 'what others can reach needs --token-file'],
    },
    {
      name: 'token-file',
      value: 'FILE',
      completes: 'file',
      help: ['what those who ask must know: the first line of', 'FILE, 16 characters or more'],
    },
    {
      name: 'allowed-host',
      value: 'NAME',
      repeatable: true,
      help: ['a name that it is reached by, as of a proxy in', 'front of it; can be repeated'],
    },
    { name: 'host-metrics', help: ['also metrics of each host, some ten series each'] },
    ...SOURCE,
  ],
  sections: [],
  examples: [
    { line: 'nlink-fleet serve', does: 'for this one' },
    { line: 'nlink-fleet serve --hosts lab.hosts', does: 'without a broker' },
    { line: 'nlink-fleet serve --listen 10.0.0.1:9479 --token-file token', does: 'for others' },
  ],
  success: 'interrupted by a signal',
};

export const AGENT: Command = {
  name: 'agent',
  knownAs: ['publish', 'daemon'],
  summary: 'publish what is on this host, until a signal',
  description: [
    'Watches the network namespaces of this host and publishes them to NATS. While no',
    'server can be reached it waits, and publishes a snapshot after that.',
    'It makes no streams: nlink-fleet init does.',
  ],
  arguments: [],
  options: [
    { name: 'name', value: 'NAME', help: ['what people call this host (default the host name)'] },
    {
      name: 'key',
      value: 'KEY',
      knownAs: ['id'],
      help: ['what it is told by, 1 to 200 of A-Z a-z 0-9 _ -', '(default made of /etc/machine-id)'],
    },
    { name: 'print-key', help: ['print the key of this host, and end'] },
    {
      name: 'shard',
      value: 'SHARD',
      help: ['publish changes to the stream of this shard', '(default 0)'],
    },
    {
      name: 'target',
      value: 'HOST:PORT',
      help: ['where nlink serve of this host is reached, for', 'nlink-fleet serve /sd'],
    },
    { name: 'no-links', help: ['do not follow links'] },
    {
      name: 'directory',
      short: 'd',
      value: 'DIR',
      completes: 'directory',
      repeatable: true,
      help: ['directory of names (default /var/run/netns);', 'can be repeated'],
    },
    ...NATS.map(withoutHosts),
  ],
  sections: [],
  examples: [
    { line: 'nlink-fleet agent --server nats://10.0.0.1', does: 'this host' },
    { line: 'nlink-fleet agent --creds agent.creds --name node-1', does: 'with credentials' },
    { line: 'nlink-fleet agent --print-key', does: 'for permissions' },
  ],
  success: 'interrupted by a signal',
};

export const INIT: Command = {
  name: 'init',
  knownAs: ['setup', 'create', 'streams'],
  summary: 'make the streams that a fleet needs, or check them',
  description: [
    'Makes the streams on a NATS server with JetStream, and checks those that are',
    'there. A stream with other options is left as it is, and said. Run it once, as',
    'somebody who may make streams.',
  ],
  arguments: [],
  options: [
    { name: 'check', knownAs: ['dry-run'], help: ['make nothing'] },
    {
      name: 'shard',
      value: 'SHARD',
      repeatable: true,
      help: ['a stream of changes of its own, 1-32 of a-z 0-9;', 'can be repeated (default 0)'],
    },
    { name: 'replicas', value: 'N', help: ['how many servers keep each message: 1, 3 or 5'] },
    {
      name: 'storage',
      value: 'file|memory',
      completes: ['file', 'memory'],
      help: ['where they keep it (default file)'],
    },
    { name: 'heads-size', value: 'SIZE', help: ['how much nlink-heads may hold (default 64M)'] },
    { name: 'deltas-size', value: 'SIZE', help: ['the same of each stream of changes (256M)'] },
    { name: 'snapshots-size', value: 'SIZE', help: ['the same of nlink-snapshots (512M)'] },
    JSON_LINES,
    ...NATS.map(withoutHosts),
  ],
  sections: [],
  examples: [
    { line: 'nlink-fleet init', does: 'on this machine' },
    { line: 'nlink-fleet init --check', does: 'make nothing' },
    { line: 'nlink-fleet init --server nats://10.0.0.1 --replicas 3', does: 'in a cluster' },
  ],
  success: 'the streams are there, as they should be',
};

export const PERMISSIONS: Command = {
  name: 'permissions',
  knownAs: ['users', 'acl', 'auth'],
  summary: 'print who may do what, for the configuration of NATS',
  description: [
    'Prints users and permissions for an agent of each KEY, for readers and for an',
    'admin, as a block of the configuration of nats-server or as commands of nsc.',
    'Reads and changes nothing; no server is asked.',
  ],
  arguments: [
    {
      name: 'key',
      value: 'KEY',
      required: false,
      several: 'words',
      help: ['the key of a host: nlink-fleet agent --print-key', '(default that of this one)'],
    },
  ],
  options: [
    { name: 'nsc', help: ['print commands of nsc'] },
    {
      name: 'shard',
      value: 'SHARD',
      repeatable: true,
      help: ['shards that readers read; the first is that of the', 'agents (default 0)'],
    },
  ],
  sections: [],
  examples: [
    { line: 'nlink-fleet permissions', does: 'for this host' },
    { line: 'nlink-fleet permissions node-1 node-2', does: 'for agents with --key' },
    { line: 'nlink-fleet permissions --nsc', does: 'where users come by JWT' },
  ],
  success: 'printed',
};

/** Options that say nothing of `--hosts`, which the command does not have. */
function withoutHosts<T extends { notWith?: readonly string[] }>(option: T): T {
  if (option.notWith === undefined) return option;
  return { ...option, notWith: option.notWith.filter((name) => name !== 'hosts') };
}
