/**
 * Whether a word means a link: `blue:eth0`, as `nlink links` prints it. The name of a namespace may
 * hold colons, so one that is there comes first; that of a link holds none.
 */
import { absolutePath } from '../../../reference/directory.ts';
import type { Io } from '../../host/io.ts';
import { isName, numberOf } from './subject.ts';

export interface LinkWord {
  /** Null: that of this process. */
  namespace: string | null;
  link: string;
}

/** Null: it means a namespace. */
export async function linkWordOf(
  word: string,
  directories: readonly string[],
  io: Pick<Io, 'namespaceExists' | 'calls'>,
): Promise<LinkWord | null> {
  const at = word.lastIndexOf(':');
  const [namespace, link] = [word.slice(0, at), word.slice(at + 1)];
  // The name of a link has no slash: what has one behind the colon is a path.
  if (at < 1 || link === '' || link.includes('/') || numberOf(word) !== null) return null;
  if (namespace.includes('/'))
    return (await io.calls.isMissing(absolutePath('path', word))) ? { namespace, link } : null;
  return (await isName(word, directories, io)) ? null : { namespace, link };
}
