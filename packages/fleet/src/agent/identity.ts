/**
 * Which host this is, and which start of the agent on it. The host is told by its machine id
 * (machine-id(5)), hashed; a start by the boot id (random(4)) and by chance, so that none is like
 * another, even where clones of a machine have the same ids.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { invalidArgument } from '../core.ts';
import { FleetError } from '../errors.ts';
import { hostKey, isKey } from '../wire/key.ts';

export interface IdentityFiles {
  machineId: string;
  bootId: string;
}

export const IDENTITY_FILES: IdentityFiles = {
  machineId: '/etc/machine-id',
  bootId: '/proc/sys/kernel/random/boot_id',
};

/**
 * @param key what it is told by instead of the machine id
 * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`
 * @throws FleetError `ERR_FLEET_NO_IDENTITY`
 */
export function identityOf(key: string | undefined, files: IdentityFiles): { key: string; epoch: string } {
  return { key: thisHost(key, files), epoch: epochOf(files.bootId) };
}

/** What this host is told by. @throws as {@link identityOf} */
export function thisHost(key: string | undefined, files: IdentityFiles = IDENTITY_FILES): string {
  if (key !== undefined && !(typeof key === 'string' && isKey(key)))
    throw invalidArgument('key', 'at most 200 letters, digits, - and _, and not "all"', key);
  return key ?? hostKey(machineIdIn(files.machineId));
}

function machineIdIn(path: string): string {
  const advice = `make one by systemd-machine-id-setup, or give this host a key of its own`;
  let text: string;
  try {
    text = readFileSync(path, 'latin1').trim();
  } catch (cause) {
    const why = (cause as Error).message;
    throw new FleetError('ERR_FLEET_NO_IDENTITY', `this host has no machine id (${why}): ${advice}`, {
      cause,
    });
  }
  // "uninitialized" during the first boot.
  if (/^[0-9a-f]{32}$/.test(text) && !/^0+$/.test(text)) return text;
  throw new FleetError('ERR_FLEET_NO_IDENTITY', `${path} holds no machine id yet: ${advice}`);
}

function epochOf(bootIdFile: string): string {
  const start = randomBytes(4).toString('hex');
  try {
    const boot = createHash('sha256').update(readFileSync(bootIdFile, 'latin1').trim()).digest('hex');
    return boot.slice(0, 8) + start;
  } catch {
    // Where nobody says which boot it is, each start is one.
    return randomBytes(4).toString('hex') + start;
  }
}
