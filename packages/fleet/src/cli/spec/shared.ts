/** What several commands declare alike. */
import type { Option } from '../../core.ts';

const WITHOUT_BROKER = ['hosts'];

/** How the servers of NATS are reached, and as whom. */
export const NATS: readonly Option[] = [
  {
    name: 'server',
    short: 's',
    value: 'URL',
    repeatable: true,
    notWith: WITHOUT_BROKER,
    knownAs: ['servers', 'nats', 'url', 'broker'],
    help: ['nats://HOST:PORT, tls://HOST:PORT; repeatable', '(default $NATS_URL, or nats://127.0.0.1:4222)'],
  },
  {
    name: 'creds',
    value: 'FILE',
    completes: 'file',
    notWith: ['nkey', 'user', 'nats-token-file', ...WITHOUT_BROKER],
    knownAs: ['credentials'],
    help: ['credentials, as of nsc (default $NATS_CREDS)'],
  },
  {
    name: 'nkey',
    value: 'FILE',
    completes: 'file',
    notWith: ['user', 'nats-token-file', ...WITHOUT_BROKER],
    help: ['a file with the seed of an nkey'],
  },
  {
    name: 'user',
    value: 'NAME',
    notWith: ['nats-token-file', ...WITHOUT_BROKER],
    help: ['the user, with --password-file'],
  },
  {
    name: 'password-file',
    value: 'FILE',
    completes: 'file',
    onlyWith: 'user',
    knownAs: ['password'],
    help: ['the password: the first line of FILE'],
  },
  {
    name: 'nats-token-file',
    value: 'FILE',
    completes: 'file',
    notWith: WITHOUT_BROKER,
    knownAs: ['token', 'nats-token'],
    help: ['a token for NATS: the first line of FILE'],
  },
  {
    name: 'tls-ca',
    value: 'FILE',
    completes: 'file',
    knownAs: ['tlsca', 'ca'],
    help: ['trust the certificates in FILE (PEM)'],
  },
  {
    name: 'tls-cert',
    value: 'FILE',
    completes: 'file',
    onlyWith: 'tls-key',
    notWith: WITHOUT_BROKER,
    knownAs: ['tlscert', 'cert'],
    help: ['a certificate of our own (PEM)'],
  },
  {
    name: 'tls-key',
    value: 'FILE',
    completes: 'file',
    onlyWith: 'tls-cert',
    notWith: WITHOUT_BROKER,
    knownAs: ['tlskey'],
    help: ['its key (PEM)'],
  },
];

/** Where a fleet is read from. */
export const SOURCE: readonly Option[] = [
  {
    name: 'hosts',
    value: 'FILE',
    completes: 'file',
    knownAs: ['hosts-file', 'inventory'],
    help: [
      'without a broker: read nlink serve of each host',
      'in FILE, one a line: NAME URL [token-file=FILE]',
    ],
  },
  ...NATS,
  {
    name: 'shard',
    value: 'SHARD',
    repeatable: true,
    notWith: WITHOUT_BROKER,
    help: ['only hosts of this shard; can be repeated', '(default: all that the server has)'],
  },
];

export const JSON_LINES: Option = { name: 'json', short: 'j', help: ['print a JSON object a line'] };

/** Of commands with a time limit; the status of timeout(1). */
export const TIMED_OUT: readonly [status: string, meaning: string] = ['124', 'timed out'];
