/** `nlink delete`: takes names off network namespaces, as `ip netns delete` (ip-netns(8)). */
import { codedError } from '../../output/coded-error.ts';
import type { NameVerdict } from '../../../netns/diagnosis/verdict.ts';
import { joinPath } from '../../../reference/names.ts';
import { shellWord } from '../../../sys/shell-word.ts';
import type { Run } from '../../args/given.ts';
import { directoriesOf } from '../../args/directories.ts';
import { safeJson, shown } from '../../../format/escape.ts';
import { describe, debugWanted } from '../../output/error-text.ts';
import type { Failure } from '../../output/error-text.ts';
import { NsidLiveness } from './nsid-liveness.ts';
import type { Io } from '../../host/io.ts';
import { named, reasonFields } from '../../../format/json.ts';
import { nameTargetOf } from '../../args/name-target.ts';
import { withHint } from '../shared/name-errors.ts';
import type { NameTarget } from '../../args/name-target.ts';
import { note, print } from '../../output/output.ts';
import { procOf } from '../../args/proc-option.ts';
import { remedyFor, whyNotReady } from '../../output/verdict-text.ts';

/** What became of one name. */
type Outcome = { file: NameTarget } & (
  { error: null; nsid: number | null; alive: boolean | null } | { error: Refusal; status: number }
);

type Refusal = Error & { code?: string; verdict?: NameVerdict | null };

interface Settings {
  /**
   * Whether all names of the directory are meant: then one that somebody else has deleted is as
   * wanted.
   */
  all: boolean;
  force: boolean;
  /** Where procfs is mounted. */
  proc: string;
}

export const delete_: Run = async ({ options, arguments: args }, io) => {
  const proc = await procOf(options, io);
  const [directory] = directoriesOf(options);
  const settings = { all: options.has('all'), force: options.has('force'), proc };
  const words = settings.all
    ? (await io.listNamespaces({ directory })).map(({ name }) => name)
    : (args.get('name') ?? []);
  // All of them before anything is done.
  const files = words.map((word) => nameTargetOf(word, directory));
  if (settings.all && files.length === 0) note(`no names in ${shown(directory)}`, io);
  const ids = new NsidLiveness(io);
  const outcomes: Outcome[] = [];
  const said = new Set<string>();
  try {
    for (const file of files) {
      const outcome = await remove(file, settings, ids, io);
      if (outcome.error !== null) say(outcome.error, said, io);
      outcomes.push(outcome);
    }
    // Only now: a namespace of two names lives on without the first until the second goes.
    for (const outcome of outcomes) if (outcome.error === null) await noteLiveness(outcome, ids, io);
  } finally {
    ids.close();
  }
  if (options.has('json')) await print(`${safeJson(outcomes.map(asJson))}\n`, io);
  const statuses = outcomes.map((outcome) => (outcome.error === null ? 0 : outcome.status));
  const failed = statuses.filter((status) => status !== 0);
  // One status for all of them: the reason, if it is the same.
  return failed.every((status) => status === failed[0]) ? (failed[0] ?? 0) : 1;
};

async function remove(
  file: NameTarget,
  { all, force, proc }: Settings,
  ids: NsidLiveness,
  io: Io,
): Promise<Outcome> {
  const nsid = await ids.of(file.path);
  try {
    await io.calls.deleteNamespace(file.target, { directory: file.directory, force, proc });
  } catch (error) {
    if (all && (error as NodeJS.ErrnoException).code === 'ENOENT')
      return { file, error: null, nsid, alive: null };
    const refusal = (await withHint(error, file, io)) as Refusal;
    const explained = refusal.code === 'ERR_NLINK_MAY_BE_IN_USE' ? withAdvice(refusal, file, proc) : refusal;
    const { status } = describe(explained, false);
    return { file, error: explained, status: status === 2 ? 1 : status };
  }
  return { file, error: null, nsid, alive: null };
}

/** Whose it is, and how to go on all the same. */
function withAdvice(error: Refusal, { path, word, directory }: NameTarget, proc: string): Refusal {
  const { verdict = null, code } = error;
  const remedy = verdict === null ? undefined : remedyFor({ path, reason: verdict.reason, verdict }, proc);
  const where = word.includes('/') ? shellWord(path) : shellWord(joinPath(directory, word));
  const lines = [
    `${shown(path)} was not deleted, it may be in use: ${verdict === null ? (error.message.split('may be in use: ')[1] ?? '') : whyNotReady(verdict)}`,
    ...(remedy === undefined ? [] : [remedy]),
    `to delete it anyway: nlink delete --force ${where}`,
  ];
  return codedError(code, lines.join('\n'), { cause: error, verdict });
}

/** Writes what is to be known of a failure; a remedy that has been said is not repeated. */
function say(error: Refusal, said: Set<string>, io: Io): void {
  const { text }: Failure = describe(error, debugWanted(io.env));
  const [first = '', ...rest] = text.split(/(?<=\n)/);
  io.stderr.write([first, ...rest.filter((line) => !said.has(line))].join(''));
  for (const line of rest) said.add(line);
}

async function noteLiveness(
  outcome: Extract<Outcome, { error: null }>,
  ids: NsidLiveness,
  io: Io,
): Promise<void> {
  const { nsid, file } = outcome;
  if (nsid === null) return;
  outcome.alive = await ids.isAlive(nsid);
  if (outcome.alive === true)
    note(
      `${shown(file.word)} is deleted, but its namespace is still alive with nsid ${nsid}: a process, a socket, a descriptor, ` +
        'a mount or another name keeps it',
      io,
    );
}

function asJson(outcome: Outcome): object {
  const name = named({ name: outcome.file.name, path: joinPath(outcome.file.directory, outcome.file.name) });
  if (outcome.error === null) return { ...name, deleted: true, nsid: outcome.nsid, alive: outcome.alive };
  const { code, message, verdict } = outcome.error;
  const [text] = message.split('\n');
  const why =
    verdict === undefined || verdict === null ? {} : reasonFields({ reason: verdict.reason, verdict });
  return { ...name, deleted: false, error: { code, message: text, ...why } };
}
