/**
 * A filter that lets pass, of what the process connector sends, that a process was made or started
 * a program, and answers: neither threads, which are most of what some programs make, nor ends,
 * names and users of processes wake anybody.
 *
 * The event mask of a request (Linux 6.6, `struct proc_input`) would save the kernel nothing that
 * could be measured, keeps the answer from whoever has one (`cn_filter` in
 * drivers/connector/cn_proc.c), and knows no threads.
 */
import { OFFSET, PROC_EVENT_EXEC, PROC_EVENT_FORK, PROC_EVENT_NONE } from './process-event.ts';
import { ALL, asLoaded, JUMP_IF_EQUAL, JUMP_IF_SAME, KEEP, LOAD_WORD, program } from './socket-filter.ts';
import { RETURN } from './socket-filter.ts';

export const PROCESS_STARTS: Uint8Array = program(
  [LOAD_WORD, 0, 0, OFFSET.what],
  [JUMP_IF_EQUAL, 6, 0, asLoaded(PROC_EVENT_EXEC)],
  [JUMP_IF_EQUAL, 5, 0, asLoaded(PROC_EVENT_NONE)],
  [JUMP_IF_EQUAL, 0, 5, asLoaded(PROC_EVENT_FORK)],
  [LOAD_WORD, 0, 0, OFFSET.childThread],
  [KEEP, 0, 0, 0],
  [LOAD_WORD, 0, 0, OFFSET.child],
  [JUMP_IF_SAME, 0, 1, 0],
  [RETURN, 0, 0, ALL],
  [RETURN, 0, 0, 0],
);
