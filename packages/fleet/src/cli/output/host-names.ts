/** What hosts are called where people read it, and which of them are meant. */
import { globs, shown } from '../../core.ts';
import type { FleetHost } from '../../reader/fleet-types.ts';

type Called = Pick<FleetHost, 'id' | 'key' | 'name'>;

/** As much of a key as tells it from others, most of the time. */
const KEY_DIGITS = 8;

/** Its name, and where several have that one, a part of its id too. */
export function hostNames(hosts: readonly Called[]): (host: Called) => string {
  const names = new Map<string, number>();
  for (const { name } of hosts) names.set(name, (names.get(name) ?? 0) + 1);
  return ({ id, key, name }) => {
    if ((names.get(name) ?? 0) < 2) return shown(name);
    return `${shown(name)}~${id === key ? key.slice(0, KEY_DIGITS) : id.slice(-KEY_DIGITS)}`;
  };
}

/** @param words names, keys, ids, or patterns of them; none: all */
export function hostMatcher(words: readonly string[]): (host: Called) => boolean {
  if (words.length === 0) return () => true;
  const isMeant = globs(words);
  return ({ id, key, name }) => isMeant(name) || isMeant(key) || isMeant(id);
}
