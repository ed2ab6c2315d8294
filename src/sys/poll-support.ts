/**
 * Whether the runtime at hand has poll handles of libuv (uv_poll_t,
 * https://docs.libuv.org/en/v1.x/poll.html), and how often they report: Node does not stop,
 * Deno reports once. Found out without calling them, since a call that a runtime lacks ends the
 * process (notes/deno-bun.md): first whether the symbols are there, then, for Bun, whose symbols
 * are there and abort, by its name.
 */
import { NlinkError } from '../errors.ts';
import { hasSymbol } from './library.ts';

/** `again`: while there is something to read; `once`: after each start. */
export type PollKind = 'again' | 'once';

export interface Runtime {
  /**
   * As `process.versions`: Bun and Deno are in it by their names, beside the version of Node that
   * they stand in for.
   */
  versions: Readonly<Record<string, string | undefined>>;
  /** Whether the process has a C function of this name. */
  has: (symbol: string) => boolean;
}

/** What koffi's poll handle is made of. */
const NEEDED: readonly string[] = ['uv_poll_init_socket', 'uv_poll_start', 'uv_poll_stop', 'uv_close'];

/** As a user calls it: `Bun 1.4.5`. */
export function runtimeName(versions: Runtime['versions']): string {
  if (versions['bun'] !== undefined) return `Bun ${versions['bun']}`;
  if (versions['deno'] !== undefined) return `Deno ${versions['deno']}`;
  return `Node ${versions['node']}`;
}

/** @throws NlinkError `ERR_NLINK_UNSUPPORTED_PLATFORM` */
export function pollKindOf({ versions, has }: Runtime): PollKind {
  if (versions['bun'] !== undefined || !NEEDED.every(has)) {
    throw new NlinkError(
      'ERR_NLINK_UNSUPPORTED_PLATFORM',
      `${runtimeName(versions)} has no poll handles of libuv, by which nlink is woken: nothing can be watched or waited for. ` +
        'Listing, asking, making and deleting work. Run what watches with Node or Deno, or start ' +
        '`nlink watch --json` with Node and read its lines',
    );
  }
  return versions['deno'] === undefined ? 'again' : 'once';
}

let kind: PollKind | undefined;

/**
 * Of the runtime at hand.
 * @throws NlinkError `ERR_NLINK_UNSUPPORTED_PLATFORM`, `ERR_NLINK_NATIVE_LIBRARY`
 */
export const pollKind = (): PollKind => (kind ??= pollKindOf({ versions: process.versions, has: hasSymbol }));

/**
 * Gives back the system calls where they can wake whoever watches, so that he is refused before
 * anything is opened.
 * @throws as {@link pollKind}
 */
export function waking<S>(system: S): S {
  pollKind();
  return system;
}
