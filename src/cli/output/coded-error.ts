/** Errors of the command itself: whoever reads them goes by the code, people by the message. */

/** @param more what else it knows, such as its cause */
export function codedError(
  code: string | undefined,
  message: string,
  more: { cause?: unknown; verdict?: unknown } = {},
): Error {
  const { cause, ...fields } = more;
  const error = new Error(message, cause === undefined ? {} : { cause });
  return Object.assign(error, { ...fields, code });
}
