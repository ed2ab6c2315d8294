/**
 * A filter that lets only RTM_DELNSID pass of what the kernel sends to `RTNLGRP_NSID`, for whoever
 * assigns the nsids himself: the kernel would wake him for each.
 */
import { littleEndian } from '../sys/endian.ts';
import { RTM_DELNSID } from './constants.ts';
import { ALL, JUMP_IF_EQUAL, LOAD_BYTE, program, RETURN } from './socket-filter.ts';

/** Where the low byte of `nlmsg_type` stands in `struct nlmsghdr`. */
const TYPE = littleEndian ? 4 : 5;

export const REMOVALS_ONLY: Uint8Array = program(
  [LOAD_BYTE, 0, 0, TYPE],
  [JUMP_IF_EQUAL, 1, 0, RTM_DELNSID],
  [RETURN, 0, 0, 0],
  [RETURN, 0, 0, ALL],
);
