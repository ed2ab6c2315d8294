/**
 * Whether a directory of names can be watched, what is in it, and whether namespaces that are
 * mounted elsewhere arrive in it.
 */
import type { MountPropagation } from '../../../../netns/mounts/mount-propagation.ts';
import type { NotReadyReason } from '../../../../netns/identity/observe.ts';
import { shellWord } from '../../../../sys/shell-word.ts';
import { shown } from '../../../../format/escape.ts';
import { remedyFor, whyOf } from '../../../output/verdict-text.ts';
import { broken, degraded, ok, remedyOf, saidOf } from '../check.ts';
import type { Check } from '../check.ts';
import type { Fault } from '../../../host/probe/fault.ts';
import type { DirectoryFacts } from '../../../host/probe/probe.ts';

/** So many names that are not ready are named. */
const NAMED = 3;

export function checkDirectory(facts: DirectoryFacts): Check[] {
  if (facts.fault !== null) return [checkFault(facts.path, facts.fault)];
  const checks = [checkPlace(facts)];
  if (facts.real !== null) checks.push(checkNames(facts));
  checks.push(...checkMounts(facts));
  return checks;
}

function checkFault(path: string, fault: Fault): Check {
  const denied = 'give this user read and search permission on it and on its parents, or run as root';
  const remedy = remedyOf(fault, fault.code === 'EACCES' ? denied : 'see docs/errors.md');
  return broken('directory', `${shown(path)} cannot be watched: ${saidOf(fault)}`, remedy);
}

function checkPlace({ path, real, sameAsRun }: DirectoryFacts): Check {
  if (real === null) return ok('directory', `${shown(path)} does not exist yet; a watcher waits for it`);
  const where = real === path ? shown(path) : `${shown(path)}, which is ${shown(real)},`;
  if (sameAsRun !== false) return ok('directory', `${where} is watched`);
  return degraded(
    'directory',
    `${where} is watched, but is not /run/netns, where other programs may create names`,
    'make /var/run a symbolic link to /run, or watch both: --directory /var/run/netns --directory /run/netns',
  );
}

type Unready = Extract<DirectoryFacts['names'][number], { ready: false }>;

/** Reasons that say that something is amiss, or that nothing can be said, from what is worst. */
const AMISS: readonly NotReadyReason[] = ['mounted-elsewhere', 'unknown', 'no-permission'];

function checkNames({ path, names }: DirectoryFacts): Check {
  const unready = names.filter((entry): entry is Unready => !entry.ready);
  const listed = unready.slice(0, NAMED).map((entry) => `${shown(entry.name)} (${whyOf(entry)})`);
  const more = unready.length > NAMED ? `, and ${unready.length - NAMED} more` : '';
  const not = unready.length === 0 ? '' : `; not ready: ${listed.join(', ')}${more}`;
  const found = `${names.length} in ${shown(path)}, ${names.length - unready.length} ready${not}`;
  for (const amiss of AMISS) {
    const entry = unready.find(({ reason }) => reason === amiss);
    const remedy = entry === undefined ? undefined : remedyFor(entry);
    if (remedy !== undefined) return degraded('names', found, remedy);
  }
  return ok('names', found);
}

function checkMounts({ path, real, arrival, names }: DirectoryFacts): Check[] {
  const said = (text: string): string => `${shown(path)}: ${text}`;
  const missed = names.find((entry): entry is Unready => !entry.ready && entry.reason === 'no-propagation');
  const remedy = missed === undefined ? undefined : remedyFor(missed);
  if (remedy !== undefined) return [broken('mounts', said(NOT_ARRIVING), remedy)];
  if (arrival === null) return [];
  if (arrival.kind === 'host') return [checkHost(arrival, real, said)];
  if (arrival.kind === 'peer')
    return [ok('mounts', said('shared with the host, whose mounts propagate here'))];
  if (arrival.kind === 'slave')
    return [
      ok('mounts', said(arrival.shared ? ARRIVING : `${ARRIVING}; names created here are not visible there`)),
    ];
  if (arrival.hostHas === true || arrival.foreign)
    return [broken('mounts', said(NOT_ARRIVING), startWithPropagation(path))];
  if (arrival.hostHas === null) return [ok('mounts', said(ONLY_HERE))];
  return [
    degraded(
      'mounts',
      said(`${ONLY_HERE}: the host's ${shown(path)} is another directory`),
      'to see the names of the host, mount its directory here (systemd: no TemporaryFileSystem=/run, or ' +
        `BindPaths=${path} beside it; docker run -v ${path}:${path}:rslave)`,
    ),
  ];
}

const NOT_ARRIVING =
  'mounts do not propagate here: a namespace created in another mount namespace never becomes ready';
const ARRIVING = 'mounts propagate here from the parent mount namespace';
const ONLY_HERE = 'private mount: only names created in this mount namespace are visible';

const startWithPropagation = (path: string): string =>
  `start this side with the directory and propagation (docker run -v ${path}:${path}:rslave; Kubernetes: mountPropagation: ` +
  'HostToContainer; systemd: MountFlags=slave); where the directory is a private mount on the host, run mount --make-shared there first';

/**
 * A directory that is still to be made is mounted on itself, and shared, by the first `ip netns
 * add`.
 */
function checkHost(
  { holder, shared }: MountPropagation,
  real: string | null,
  said: (text: string) => string,
): Check {
  const found = 'this is the mount namespace of the host';
  if (shared || real === null) return ok('mounts', said(found));
  return degraded(
    'mounts',
    said(
      `${found}; the directory is in a private mount (${shown(holder)}), so names created here never become ready in containers`,
    ),
    `before starting containers that use it: mount --make-shared ${shellWord(holder)}`,
  );
}
