/** What is said beside the output, on stderr. */
import type { Writable } from 'node:stream';
import { escaped } from '../../core.ts';

/** The part of a command's streams that notes go to. */
interface NoteStreams {
  stderr: Writable;
  /** With --quiet: no notes. */
  quiet?: boolean;
}

/** Nothing with --quiet. */
export function note(text: string, io: NoteStreams): void {
  if (io.quiet !== true) complain(text, io);
}

export function complain(text: string, { stderr }: { stderr: Writable }): void {
  stderr.write(`nlink-fleet: ${escaped(text)}\n`);
}
