/**
 * What `nlink exec --all --jobs` keeps of a program's output until its turn to be printed, in
 * bytes: it is in memory.
 */
export const OUTPUT_LIMIT: number = 2 ** 24;
