/** What is said beside the output, on stderr. */
import { escaped } from '../../core.ts';
import type { Io } from '../host/io.ts';

/** Nothing with --quiet. */
export function note(text: string, io: Pick<Io, 'stderr' | 'quiet'>): void {
  if (io.quiet !== true) complain(text, io);
}

export function complain(text: string, { stderr }: Pick<Io, 'stderr'>): void {
  stderr.write(`nlink-fleet: ${escaped(text)}\n`);
}
