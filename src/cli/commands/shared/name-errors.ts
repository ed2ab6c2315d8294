/** Errors of one name that know what else is in its directory. */
import { codedError } from '../../output/coded-error.ts';
import type { NameTarget } from '../../args/name-target.ts';
import { suggest } from '../../args/suggest.ts';
import type { Io } from '../../host/io.ts';
import { shown } from '../../../format/escape.ts';
import { REASONS } from '../../output/reasons.ts';
import { remedyFor, whyNotReady } from '../../output/verdict-text.ts';
import { decodeName } from '../../../reference/names.ts';

/**
 * The error for a name that is not there, with the one that was probably meant; any other error as
 * it is.
 */
export async function withHint(
  thrown: unknown,
  { name, path, directory }: Pick<NameTarget, 'name' | 'path' | 'directory'>,
  io: Pick<Io, 'calls'>,
): Promise<unknown> {
  const { code, path: missing } = thrown as NodeJS.ErrnoException;
  if (code !== 'ENOENT' || missing !== path) return thrown;
  const { message } = thrown as Error;
  if (await io.calls.isMissing(directory))
    return reworded(thrown, `${message}; ${shown(directory)} does not exist`);
  const names = await namesIn(directory, io);
  // It is there, and leads to what is not.
  if (names.includes(name)) return thrown;
  // A name that cannot be typed as it is printed helps nobody.
  const near = suggest(
    name,
    names.filter((candidate) => shown(candidate) === candidate),
  );
  return near === null ? thrown : reworded(thrown, `${message}; did you mean ${near}?`);
}

/** The error for a name that is taken, with what stands behind it; any other error as it is. */
export async function withOwner(
  thrown: unknown,
  { word, name, path, directory }: NameTarget,
  io: Pick<Io, 'calls' | 'listNamespaces'>,
): Promise<unknown> {
  const { code, path: taken } = thrown as NodeJS.ErrnoException;
  if (code !== 'EEXIST' || taken !== path) return thrown;
  const entries = await io.listNamespaces({ directory }).catch(() => []);
  const entry = entries.find((candidate) => candidate.name === name);
  const there = `EEXIST: ${shown(word)} already exists`;
  if (entry === undefined) return reworded(thrown, `${there}: ${shown(path)} is no network namespace`);
  if (entry.ready) {
    const { ino, id } = entry.namespace;
    return reworded(thrown, `${there}: net:[${ino}]${id === null ? '' : `, id ${id}`}`);
  }
  const verdict = (await io.calls.verdictsOn(directory, [name], '/proc')).get(name);
  if (verdict === undefined || verdict === null)
    return reworded(thrown, `${there}: ${REASONS[entry.reason]}`);
  const remedy = remedyFor({ path, reason: verdict.reason, verdict });
  return reworded(thrown, `${there}: ${whyNotReady(verdict)}${remedy === undefined ? '' : `; ${remedy}`}`);
}

function reworded(error: unknown, message: string): Error {
  const { code } = error as NodeJS.ErrnoException;
  return codedError(code, message, { cause: error });
}

/** None where they cannot be read: then there is no hint. */
async function namesIn(directory: string, { calls }: Pick<Io, 'calls'>): Promise<string[]> {
  try {
    return (await calls.entriesOf(directory)).map((bytes) => decodeName(bytes));
  } catch {
    return [];
  }
}
