/** Limits that several parts rely on. */

/**
 * The largest `int` of C: no PID and no nsid is greater, and no timer of Node waits for more
 * milliseconds.
 */
export const INT_MAX: number = 2 ** 31 - 1;
