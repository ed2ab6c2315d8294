/** Limits of the C types that the kernel takes. */

/** The largest `int`: of a process, a descriptor, an nsid; and of a timer of Node. */
export const INT_MAX: number = 2 ** 31 - 1;
