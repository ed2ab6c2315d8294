/**
 * Writing to a stream that may be slow, closed or full. {@link Output.write} is done when the
 * reader has taken the text, so that whoever awaits it takes no more events meanwhile; a closed
 * pipe is no error but the end; all else is thrown.
 */
import { codedError } from './coded-error.ts';
import type { Writable } from 'node:stream';
import { escaped } from '../../format/escape.ts';

/** The part of a command's streams that notes go to. */
export interface NoteStreams {
  stderr: Writable;
  /** With --quiet: no notes. */
  quiet?: boolean;
}

/** Writes all that a command has to say. @returns the exit status */
export async function print(text: string | Uint8Array, { stdout }: { stdout: Writable }): Promise<0> {
  await new Output(stdout, () => {}).write(text);
  return 0;
}

/** Says something beside the output, on stderr; nothing with --quiet. */
export function note(text: string, io: NoteStreams): void {
  if (io.quiet !== true) complain(text, io);
}

/** Says on stderr what failed, also with --quiet. */
export function complain(text: string, { stderr }: { stderr: Writable }): void {
  stderr.write(`nlink: ${escaped(text)}\n`);
}

export class Output {
  readonly #stream: Writable & { isTTY?: boolean };
  readonly #onClosed: () => void;
  #closed = false;
  #fault: Error | null = null;
  /** Ends the wait of a write that is under way. */
  #release: (() => void) | null = null;

  /** @param onClosed called once, when nobody reads any more or the stream failed */
  constructor(stream: Writable & { isTTY?: boolean }, onClosed: () => void) {
    this.#stream = stream;
    this.#onClosed = onClosed;
    // Without a listener an error of the stream would end the process with a stack.
    stream.on('error', this.#onError);
  }

  /** Whether nobody reads any more, or the stream failed. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Writes at once. One call at a time.
   * @throws Error with the `code` of write(2), such as `ENOSPC`; but nothing when the reader is
   *   gone
   */
  async write(text: string | Uint8Array): Promise<void> {
    if (!this.#closed && text.length > 0) {
      await new Promise<void>((resolve) => {
        this.#release = resolve;
        this.#stream.write(text, (error) => {
          if (error) this.#onError(error);
          resolve();
        });
      });
      this.#release = null;
    }
    if (this.#fault !== null) throw this.#fault;
  }

  /** The reader is gone, as was learnt without writing. */
  readonly readerGone = (): void => this.#end(null);

  readonly #onError = (error: NodeJS.ErrnoException): void => {
    const { code } = error;
    // EPIPE: a pipe; ECONNRESET: a socket; EIO: a terminal that was closed.
    const gone = code === 'EPIPE' || code === 'ECONNRESET' || (code === 'EIO' && this.#stream.isTTY === true);
    this.#end(gone ? null : codedError(code, `writing to stdout: ${error.message}`, { cause: error }));
  };

  #end(fault: Error | null): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#fault = fault;
    this.#release?.();
    this.#onClosed();
  }
}
