/** The directories of container runtimes: which would be watched with --containers. */
import type { ContainerDirectories } from '../../../host/containers.ts';
import { shown } from '../../../../format/escape.ts';
import { ok } from '../check.ts';
import type { Check } from '../check.ts';

export function checkContainers({ watched, refused }: ContainerDirectories): Check[] {
  const parts = [
    watched.length === 0 ? 'none to watch' : `watched with --containers: ${watched.map(shown).join(', ')}`,
    ...(refused.length === 0 ? [] : [`not readable for this user: ${refused.map(shown).join(', ')}`]),
  ];
  return [ok('containers', parts.join('; '))];
}
