/** What `nlink serve` declares. */
import type { Command } from './types.ts';
import { DIRECTORIES, PROC } from './shared.ts';

export const SERVE: Command = {
  name: 'serve',
  knownAs: ['server', 'http', 'metrics', 'exporter', 'prometheus'],
  summary: 'serve metrics, inventory and events over HTTP',
  description: [
    'Watches all namespaces and links, and serves what it knows over HTTP: /metrics',
    'for Prometheus, /v1/namespaces, /v1/links, /v1/events as a stream, /healthz,',
    '/readyz. Nothing can be changed through it. Prints where it listens, and runs',
    'until a signal. Root sees all; without privilege it serves what can be known.',
  ],
  arguments: [],
  options: [
    {
      name: 'listen',
      short: 'l',
      knownAs: ['address', 'port', 'bind', 'socket'],
      value: 'ADDRESS',
      help: [
        'HOST:PORT (default 127.0.0.1:9478), or unix:PATH;',
        'what other machines can reach needs --token-file',
      ],
    },
    {
      name: 'token-file',
      knownAs: ['token'],
      value: 'FILE',
      completes: 'file',
      help: [
        'only for those who know the token in this file: as',
        'Authorization: Bearer, or once as /?token=TOKEN',
      ],
    },
    {
      name: 'allowed-host',
      knownAs: ['host'],
      value: 'NAME',
      repeatable: true,
      help: ['another name in the Host header, as of a proxy in', 'front of it; can be repeated'],
    },
    {
      name: 'include',
      value: 'GLOB',
      repeatable: true,
      help: ['metrics only of these namespaces, or device:GLOB of', 'these devices; can be repeated'],
    },
    {
      name: 'exclude',
      value: 'GLOB',
      repeatable: true,
      help: ['no metrics of these; can be repeated'],
    },
    {
      name: 'all-metrics',
      knownAs: ['all'],
      help: ['metrics also of sandboxes with lo alone, and more', 'counters'],
    },
    DIRECTORIES,
    { name: 'containers', help: ['include the directories of Docker and rootless Podman'] },
    PROC,
  ],
  sections: [],
  examples: [
    { line: 'nlink serve', does: 'for this machine alone' },
    { line: 'nlink serve --listen unix:/run/nlink.sock', does: 'for one user alone' },
    { line: 'nlink serve -l 0.0.0.0:9478 --token-file F', does: 'for other machines' },
  ],
  success: 'stopped by a signal',
};
