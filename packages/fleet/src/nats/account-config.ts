/**
 * The two accounts and their users, as text for the server's configuration file, and as commands of
 * nsc where users come by JWT. Why two: permissions.ts.
 */
import { invalidArgument } from '../core.ts';
import { askSubject, deltaSubject, headSubject, snapshotSubject } from '../wire/subjects.ts';
import type { Permissions } from './permissions.ts';

/** Has JetStream, the streams, readers and admins. */
export const ACCOUNT = 'NLINK';
/** Has the agents. */
export const AGENTS_ACCOUNT = 'NLINK_AGENTS';

/** One who connects: by a password, or by a public nkey (`U…`). */
export type User = ({ user: string; password: string } | { nkey: string }) & { permissions: Permissions };

/** What agents publish, which is answered, and what they hear. */
const SERVICES = [headSubject('*'), deltaSubject('*', '*'), snapshotSubject('*', '*')];
const STREAMS = [askSubject('*')];

/**
 * @param users readers and admins
 * @returns `accounts { … }`
 */
export function serverConfig(users: readonly User[], agents: readonly User[]): string {
  const exported = [
    ...SERVICES.map((subject) => `{ service: ${quoted(subject)} }`),
    ...STREAMS.map((subject) => `{ stream: ${quoted(subject)} }`),
  ];
  const source = (subject: string): string => `{ account: ${ACCOUNT}, subject: ${quoted(subject)} }`;
  const imported = [
    ...SERVICES.map((subject) => `{ service: ${source(subject)} }`),
    ...STREAMS.map((subject) => `{ stream: ${source(subject)} }`),
  ];
  return [
    'accounts {',
    `  ${ACCOUNT} {`,
    '    jetstream: enabled',
    ...list('exports', exported),
    ...list('users', users.map(userText)),
    '  }',
    `  ${AGENTS_ACCOUNT} {`,
    ...list('imports', imported),
    ...list('users', agents.map(userText)),
    '  }',
    '}',
    '',
  ].join('\n');
}

const list = (name: string, items: readonly string[]): string[] => [
  `    ${name}: [`,
  ...items.map((item) => `      ${item}`),
  '    ]',
];

/** One user, as it stands in `users: [ … ]`. */
function userText(user: User): string {
  const who =
    'nkey' in user
      ? `nkey: ${quoted(user.nkey)}`
      : `user: ${quoted(user.user)}, password: ${quoted(user.password)}`;
  const { publish, subscribe } = user.permissions;
  return `{ ${who}, permissions: { publish: { allow: ${texts(publish)} }, subscribe: { allow: ${texts(subscribe)} } } }`;
}

const texts = (all: readonly string[]): string => `[${all.map(quoted).join(', ')}]`;

/** @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`: what the server's configuration cannot have */
function quoted(text: string): string {
  // Its strings know escapes, but not in the same way in all versions.
  if (/^[\x20-\x7e]*$/.test(text) && !/["\\]/.test(text)) return `"${text}"`;
  throw invalidArgument('user', 'ASCII without " and \\', text);
}

/** Makes both accounts: lines for a shell. */
export function nscAccounts(): string[] {
  const exporting = (subject: string, kind: string): string =>
    `nsc add export --account ${ACCOUNT} --subject '${subject}'${kind}`;
  const importing = (subject: string, kind: string): string =>
    `nsc add import --account ${AGENTS_ACCOUNT} --src-account "$${ACCOUNT}" --remote-subject '${subject}' --local-subject '${subject}'${kind}`;
  return [
    `nsc add account ${ACCOUNT}`,
    `nsc edit account ${ACCOUNT} --js-disk-storage -1 --js-mem-storage -1 --js-streams -1 --js-consumer -1`,
    ...SERVICES.map((subject) => exporting(subject, ' --service')),
    ...STREAMS.map((subject) => exporting(subject, '')),
    `nsc add account ${AGENTS_ACCOUNT}`,
    `${ACCOUNT}=$(nsc describe account ${ACCOUNT} --field sub | tr -d '"')`,
    ...SERVICES.map((subject) => importing(subject, ' --service')),
    ...STREAMS.map((subject) => importing(subject, '')),
  ];
}

/** Adds one user. @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT` */
export function nscUser(account: string, name: string, { publish, subscribe }: Permissions): string {
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(name)) throw invalidArgument('name', 'letters, digits, - and _', name);
  return `nsc add user --account ${account} --name ${name} --allow-pub '${publish.join(',')}' --allow-sub '${subscribe.join(',')}'`;
}
