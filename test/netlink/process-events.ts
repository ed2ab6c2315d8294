/**
 * Datagrams of the process connector as Linux 6.18 gave them, field by field: struct nlmsghdr, then
 * struct cn_msg (two numbers of the connector, sequence, answer, length, flags), then struct
 * proc_event (what, processor, nanoseconds, and 24 bytes about it).
 */
import { native } from './native.ts';

/** A datagram. @param ack the `ack` of the request and 1, in an answer */
const notation = (what: string, about: string, ack = '00000000'): Uint8Array =>
  native(`0000004c 0003 0000 00000001 00000000
    00000001 00000001 00000001 ${ack} 0028 0000
    ${what} 00000001 00002faaf78952fc ${about}`);

const word = (value: number): string => (value >>> 0).toString(16).padStart(8, '0');

/** The process of all these. */
export const PROCESS = 0x2856;

export const processEvents: Record<'child' | 'program' | 'thread' | 'user' | 'name' | 'end', Uint8Array> = {
  child: notation('00000001', '0000282d 0000282d 00002856 00002856 00000000 00000000'),
  program: notation('00000002', '00002856 00002856 00000000 00000000 00000000 00000000'),
  thread: notation('00000001', '00002856 00002856 00002857 00002856 00000000 00000000'),
  user: notation('00000004', '00002856 00002856 0000fffe 0000fffe 00000000 00000000'),
  name: notation('00000200', '00002857 00002856 =6c69627576 =2d776f726b 0072 0000 00000000'),
  end: notation('80000000', '00002856 00002856 00000000 00000011 0000282d 0000282d'),
};

/** The answer to the request that had this `ack`. */
export const answerOf = (ack: number, error = 0): Uint8Array =>
  notation('00000000', `${word(error)} 00000000 00000000 00000000 00000000 00000000`, word(ack + 1));

/** A program that this process has started. */
export const programOf = (pid: number): Uint8Array =>
  notation('00000002', `${word(pid)} ${word(pid)} 00000000 00000000 00000000 00000000`);
