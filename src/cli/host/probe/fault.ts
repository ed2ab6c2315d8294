/** What failed on the host, as `nlink doctor` reports it. */

/** A failure as it was said, and by which code. */
export interface Fault {
  code: string;
  message: string;
}

/** What a call failed with; what is no error of a known kind is passed on. */
export function faultOf(error: unknown): Fault {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  return { code, message };
}
