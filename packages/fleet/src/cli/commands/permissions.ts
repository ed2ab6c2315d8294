/** `nlink-fleet permissions`: users for the configuration of the servers. */
import { randomBytes } from 'node:crypto';
import { quoted, UsageError } from '../../core.ts';
import { ACCOUNT, AGENTS_ACCOUNT, nscAccounts, nscUser, serverConfig } from '../../nats/account-config.ts';
import { adminPermissions, agentPermissions, readerPermissions } from '../../nats/permissions.ts';
import type { Permissions } from '../../nats/permissions.ts';
import { isKey } from '../../wire/key.ts';
import { DEFAULT_SHARD, isShard } from '../../wire/subjects.ts';
import { print } from '../output/print.ts';
import type { Run } from '../command-run.ts';

interface Named {
  name: string;
  permissions: Permissions;
}

export const permissions: Run = async ({ options, arguments: args }, io) => {
  const shards = options.get('shard') ?? [DEFAULT_SHARD];
  for (const shard of shards)
    if (!isShard(shard)) throw new UsageError(`--shard must be 1-32 of a-z 0-9, not ${quoted(shard)}`);
  const keys = args.get('key') ?? [await io.hostKey(undefined)];
  for (const key of keys)
    if (!isKey(key)) throw new UsageError(`KEY must be 1 to 200 of A-Z a-z 0-9 _ -, not ${quoted(key)}`);
  const agents = [...new Set(keys)].map((key) => ({
    name: `agent-${key}`,
    permissions: agentPermissions(key, shards[0] as string),
  }));
  const others = [
    { name: 'nlink-admin', permissions: adminPermissions(shards) },
    { name: 'nlink-reader', permissions: readerPermissions(shards) },
  ];
  return print(options.has('nsc') ? nscText(others, agents) : configText(others, agents), io);
};

function configText(others: readonly Named[], agents: readonly Named[]): string {
  // Made here, so that what is printed can be used as it is, and is nobody else's.
  const user = ({ name, permissions: allowed }: Named): Parameters<typeof serverConfig>[0][number] => ({
    user: name,
    password: randomBytes(18).toString('base64url'),
    permissions: allowed,
  });
  return [
    '# For nats-server.conf, or a file of its own that it includes (mode 0600). The passwords are new',
    '# ones; put yours in their place, or nkeys (nkey: "U..."). Why two accounts: docs/fleet.md.',
    serverConfig(others.map(user), agents.map(user)),
  ].join('\n');
}

const nscText = (others: readonly Named[], agents: readonly Named[]): string =>
  `${[
    '# Accounts, then users; nsc generate creds --account ACCOUNT --name NAME makes their files.',
    ...nscAccounts(),
    ...others.map(({ name, permissions: allowed }) => nscUser(ACCOUNT, name, allowed)),
    ...agents.map(({ name, permissions: allowed }) => nscUser(AGENTS_ACCOUNT, name, allowed)),
  ].join('\n')}\n`;
