/** `nlink wait`: blocks until names can be entered, or are gone, or their namespaces are. */
import { noteMissingDirectories } from '../shared/notes.ts';
import { constants } from 'node:os';
import { checkName } from '../../../reference/names.ts';
import type { Given, Run } from '../../args/given.ts';
import { directoriesOf } from '../../args/directories.ts';
import { duration } from '../../args/option-values.ts';
import { safeJson, shown } from '../../../format/escape.ts';
import type { Io } from '../../host/io.ts';
import { named } from '../../../format/json.ts';
import { note, print } from '../../output/output.ts';
import { procOf } from '../../args/proc-option.ts';
import { targetOf } from '../../args/target.ts';
import { NOT_READY, TIMED_OUT } from '../../spec/shared.ts';
import { refuseSlash } from '../../args/name-patterns.ts';
import { Destroyed } from './destroyed.ts';
import { Gone, Ready } from './name-conditions.ts';
import { Notes } from './notes.ts';
import { waitFor } from './waiter.ts';
import type { Outcome, Wait } from './waiter.ts';

export const wait: Run = async (given, io) => {
  const proc = await procOf(given.options, io);
  const notes = new Notes(io, proc);
  const wait = await waitOf(given, proc, io, notes);
  const outcome = await waitFor(wait, io).finally(() => notes.forget());
  if (outcome !== 'met' && outcome !== 'timeout') return 128 + constants.signals[outcome];
  const { json } = wait;
  if (json) await print(`${safeJson(documentOf(wait, outcome))}\n`, io);
  if (outcome === 'timeout') {
    for (const name of missing(wait)) note(`timed out: ${wait.condition.why(name)}`, io);
    return Number(wait.timeout === 0 && isThere(wait) ? NOT_READY[0] : TIMED_OUT[0]);
  }
  if (wait.any && !json) await print(wait.names.filter(metIn(wait)).map(line).join(''), io);
  return 0;
};

type Kind = 'ready' | 'gone' | 'destroyed';

/** @throws UsageError, and NlinkError `ERR_NLINK_INVALID_NAME` */
async function waitOf(
  given: Given,
  proc: string,
  io: Io,
  notes: Notes,
): Promise<Wait & { json: boolean; kind: Kind }> {
  const { options } = given;
  const names = [...new Set(given.arguments.get('name'))];
  for (const name of names) {
    refuseSlash(name);
    checkName(name);
  }
  const directories = directoriesOf(options);
  const kind = options.has('destroyed') ? 'destroyed' : options.has('gone') ? 'gone' : 'ready';
  const pids = kind === 'destroyed' ? await processesAmong(names, directories, io) : NONE;
  return {
    kind,
    json: options.has('json'),
    names,
    condition:
      kind === 'destroyed'
        ? new Destroyed({ directories, names, pids }, options.has('assign-nsid'), io)
        : kind === 'gone'
          ? new Gone(directories)
          : new Ready(directories, (at, why) => notes.unready({ ...at, ...why }, names)),
    watcher: {
      directories,
      proc,
      // The kernel reports an end in a table of nsids, nlink's own or that of this namespace.
      netlink: kind === 'destroyed' ? 'auto' : 'off',
      ...(pids.size > 0 && { unnamed: true }),
      // A name whose namespace is yet to come already exists.
      readyTimeout: kind === 'gone' ? 0 : 1000,
    },
    any: options.has('any'),
    lasting: kind === 'ready',
    timeout: duration(options, 'timeout'),
    onWait: (source) => {
      if (kind === 'ready') noteMissingDirectories(source, io);
    },
  };
}

const NONE: ReadonlySet<string> = new Set();

/** Which of the words stand for processes, by the rule of NAME|PATH|PID (args/target.ts). */
async function processesAmong(
  words: readonly string[],
  directories: readonly [string, ...string[]],
  io: Io,
): Promise<ReadonlySet<string>> {
  const targets = await Promise.all(words.map((word) => targetOf(word, directories, io)));
  return new Set(words.filter((_, at) => 'pid' in (targets[at] as object)));
}

const metIn =
  ({ condition }: Wait) =>
  (name: string): boolean =>
    condition.met(name);

const missing = (wait: Wait): string[] => wait.names.filter((name) => !metIn(wait)(name));

/** Whether all names that could not be entered are there. */
const isThere = (wait: Wait & { kind: Kind }): boolean =>
  wait.kind === 'ready' && missing(wait).every((name) => 'path' in wait.condition.fields(name));

const line = (name: string): string => `${shown(name)}\n`;

function documentOf(wait: Wait & { kind: Kind }, outcome: Outcome): object {
  const names = wait.names.map((name) => {
    const { name: text, rawName } = named({ name, path: '' });
    return {
      name: text,
      ...(rawName !== undefined && { rawName }),
      met: wait.condition.met(name),
      ...wait.condition.fields(name),
    };
  });
  return { condition: wait.kind, met: outcome === 'met', names };
}
