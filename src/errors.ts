/**
 * The errors of our own making, each with a stable `ERR_NLINK_*` code. A failed system call is not
 * one of them: it rejects with a Node-style error (`sys/errno.ts`). Match on `code`, never on the
 * text or the class: two copies of the library in one process have two classes. `docs/errors.md`
 * lists every code with cause and remedy.
 */
import { inspect } from 'node:util';

/** The codes of {@link NlinkError}. */
export type NlinkErrorCode =
  /** Not Linux; or, of what watches, a runtime that cannot wake it (Bun). */
  | 'ERR_NLINK_UNSUPPORTED_PLATFORM'
  /**
   * koffi has no binary for this processor and libc, was not installed, or may not be loaded (`node
   * --permission`).
   */
  | 'ERR_NLINK_NATIVE_LIBRARY'
  /** The kernel or the container lacks something that cannot be replaced, such as `/proc`. */
  | 'ERR_NLINK_UNSUPPORTED_KERNEL'
  /** An option or argument has the wrong type or lies out of range. */
  | 'ERR_NLINK_INVALID_ARGUMENT'
  /** A name that no network namespace can have. */
  | 'ERR_NLINK_INVALID_NAME'
  /**
   * A second consumer asked for events of a watcher that serves one; or a first one, of a
   * connection that is not subscribed.
   */
  | 'ERR_NLINK_CONSUMER'
  /** Bytes from the kernel, or fed to a codec, that are no valid records. */
  | 'ERR_NLINK_MALFORMED'
  /** The calling thread could not return from another namespace. Refused before it entered. */
  | 'ERR_NLINK_NO_RETURN'
  /** The file stands for something, but not for a network namespace. */
  | 'ERR_NLINK_NOT_A_NAMESPACE'
  /** Somebody may have a namespace mounted on the name in another mount namespace; not touched. */
  | 'ERR_NLINK_MAY_BE_IN_USE'
  /** Netlink sockets are kept from this process, or the kernel has none. */
  | 'ERR_NLINK_NETLINK_UNAVAILABLE'
  /** A network namespace of nlink's own can be made neither here nor in a user namespace. */
  | 'ERR_NLINK_NO_USER_NAMESPACE'
  /** A datagram was longer than what it was received into. */
  | 'ERR_NLINK_TRUNCATED'
  /** Used after it was closed. */
  | 'ERR_NLINK_CLOSED'
  /** `serve` on an address that other machines can reach, without a token. */
  | 'ERR_NLINK_TOKEN_REQUIRED';

/** An error of nlink's own making; see {@link NlinkErrorCode} for what each `code` means. */
export class NlinkError extends Error {
  /** As in stacks. */
  override readonly name = 'NlinkError';
  /** To match on; the message may change. */
  readonly code: NlinkErrorCode;

  constructor(code: NlinkErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** `ERR_NLINK_INVALID_ARGUMENT` in the form "option must be …, got …". */
export function invalidArgument(name: string, expected: string, got: unknown): NlinkError {
  return new NlinkError('ERR_NLINK_INVALID_ARGUMENT', `${name} must be ${expected}, got ${shown(got)}`);
}

/**
 * A caller in JavaScript may pass null for the options, which a default does not replace.
 * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`
 */
export function requireOptions(options: unknown): void {
  if (typeof options !== 'object' || options === null) throw invalidArgument('options', 'an object', options);
}

/** What is behind a reference that is no network namespace, where that was not looked at. */
const NO_NAMESPACE = 'a stale name, another file, or a namespace of another kind';

/** The one sentence of all refusals of what is not a network namespace. */
export const noNamespace = (what: string, found: string = NO_NAMESPACE): string =>
  `${what} is no network namespace: ${found}`;

/** `ERR_NLINK_NOT_A_NAMESPACE`. @param found what it is instead, if that is known */
export function notANamespace(path: string, found?: string, cause?: unknown): NlinkError {
  const options = cause === undefined ? undefined : { cause };
  return new NlinkError('ERR_NLINK_NOT_A_NAMESPACE', noNamespace(path, found), options);
}

/** A value as a message shows it: one line, whatever it is. Runs no code of the value's own. */
export function shown(value: unknown): string {
  const text =
    typeof value === 'string'
      ? JSON.stringify(value.slice(0, LONGEST_SHOWN))
      : inspect(value, { depth: 1, breakLength: Infinity, maxArrayLength: 5, customInspect: false });
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}

const LONGEST_SHOWN = 200;

/**
 * The error that an aborted signal gives: `name` `AbortError`, `code` `ABORT_ERR`, as Node's own;
 * `cause` is the reason.
 */
export function abortError(signal: AbortSignal): Error & { code: 'ABORT_ERR' } {
  const error = new Error('The operation was aborted', { cause: signal.reason });
  error.name = 'AbortError';
  return Object.assign(error, { code: 'ABORT_ERR' as const });
}
