/** Whether a directory of names can be watched, what is in it, and whether namespaces that are mounted elsewhere arrive in it. */
import type { Arrival } from '../../netns/arrival.ts';
import type { NotReadyReason } from '../../netns/observe.ts';
import { shown } from '../escape.ts';
import { REASONS, REMEDIES } from '../reasons.ts';
import { broken, degraded, ok, remedyOf, saidOf } from './check.ts';
import type { Check, Fault } from './check.ts';

export interface DirectoryFacts {
  /** As it was given. */
  path: string;
  /** Why a watcher could not be opened on it; null: one could. */
  fault: Fault | null;
  /** Where the path leads, symbolic links resolved; null: it is not there. */
  real: string | null;
  /** Whether it is the same directory as /run/netns, for the usual spelling; null: it is another one. */
  sameAsRun: boolean | null;
  names: { name: string; ready: boolean; reason: NotReadyReason | null }[];
  /** Null where it is not there, or its mount could not be found. */
  arrival: Arrival | null;
}

/** So many names that are not ready are named. */
const NAMED = 3;

export function checkDirectory(facts: DirectoryFacts): Check[] {
  if (facts.fault !== null) return [checkFault(facts.path, facts.fault)];
  const checks = [checkPlace(facts)];
  if (facts.real === null) return checks;
  checks.push(checkNames(facts));
  checks.push(...checkArrival(facts));
  return checks;
}

function checkFault(path: string, fault: Fault): Check {
  const denied = 'give this user read and search permission on it and on its parents, or run as root';
  const remedy = remedyOf(fault, fault.code === 'EACCES' ? denied : 'docs/errors.md tells more of it');
  return broken('directory', `${shown(path)} cannot be watched: ${saidOf(fault)}`, remedy);
}

function checkPlace({ path, real, sameAsRun }: DirectoryFacts): Check {
  if (real === null) return ok('directory', `${shown(path)} is not there yet, and is waited for`);
  const where = real === path ? shown(path) : `${shown(path)}, which is ${shown(real)},`;
  if (sameAsRun !== false) return ok('directory', `${where} is watched`);
  return degraded(
    'directory',
    `${where} is watched, but is not /run/netns, where other programs may make names`,
    'make /var/run a symbolic link to /run, or watch both: --directory /var/run/netns --directory /run/netns',
  );
}

function checkNames({ path, names }: DirectoryFacts): Check {
  const unready = names.filter(({ ready }) => !ready);
  const listed = unready
    .slice(0, NAMED)
    .map(({ name, reason }) => `${shown(name)} (${reason === null ? '?' : REASONS[reason]})`);
  const more = unready.length > NAMED ? `, and ${unready.length - NAMED} more` : '';
  const not = unready.length === 0 ? '' : `; not ready: ${listed.join(', ')}${more}`;
  const found = `${names.length} in ${shown(path)}, ${names.length - unready.length} ready${not}`;
  const has = (wanted: NotReadyReason): boolean => unready.some(({ reason }) => reason === wanted);
  if (has('no-permission')) return degraded('names', found, REMEDIES['no-permission'] ?? '');
  return ok('names', found);
}

function checkArrival({ path, arrival, names }: DirectoryFacts): Check[] {
  const said = (text: string): string => `${shown(path)}: ${text}`;
  const missing = names.some(({ reason }) => reason === 'no-propagation');
  if (arrival !== null && !missing) {
    const found = ARRIVES[arrival.kind];
    if (found !== undefined) return [ok('mounts', said(found))];
    if (arrival.hostHas !== true && !arrival.foreign)
      return [ok('mounts', said('mounts made elsewhere do not arrive, and none are known that should'))];
  }
  if (arrival === null && !missing) return [];
  const found =
    'mounts made elsewhere do not arrive: a namespace that is made there never becomes ready here';
  return [broken('mounts', said(found), REMEDIES['no-propagation'] ?? '')];
}

/** Where all is well. */
const ARRIVES: Readonly<Partial<Record<Arrival['kind'], string>>> = {
  host: 'this is the mount namespace of the machine itself',
  peer: 'shared with the mount namespace of the machine, whose mounts arrive',
  slave: 'mounts of the mount namespace that it comes from arrive',
};
