/** How a command is run. */
import type { Given } from '../core.ts';
import type { Io } from './host/io.ts';

/** @returns the exit status. @throws UsageError, or whatever went wrong */
export type Run = (given: Given, io: Io) => Promise<number>;
