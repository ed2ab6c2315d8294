/** Exchanges of every kind, with the answers that they take: what holds for one holds for all. */
import { NETNSA_NSID, NLM_F_DUMP_INTR, RTM_GETNSID } from '../../src/netlink/constants.ts';
import { DumpRequest, GeneralRequest } from '../../src/netlink/general-request.ts';
import type { NetlinkMessage } from '../../src/netlink/message.ts';
import { NsidDumpRequest } from '../../src/netlink/nsid-dump.ts';
import { NsidAssignment, NsidQueries, NsidQuery } from '../../src/netlink/nsid-query.ts';
import type { Exchange } from '../../src/netlink/requester.ts';
import { askedNsid, done, dumped, refusal, reply } from './answers.ts';
import { native } from './native.ts';
import { PORT } from './scripted-socket.ts';

/** Is an id assigned? */
export const queryOf = (nsid: number): NsidQuery => new NsidQuery().of(NETNSA_NSID, nsid);

/** Are several? */
export const queriesOf = (...nsids: number[]): NsidQueries => new NsidQueries(NETNSA_NSID, nsids);

const payload = native('00 000000');

export interface Kind {
  what: string;
  make: () => Exchange<unknown>;
  /** The datagrams of the answer. */
  answer: (first: NetlinkMessage, all: NetlinkMessage[]) => Uint8Array[];
  /** What comes of them. */
  result: unknown;
}

/** Exchanges of every kind. */
export const kinds: readonly Kind[] = [
  { what: 'a question', make: () => queryOf(7), answer: (request) => [reply(request, 7)], result: 7 },
  {
    what: 'a question, answered no',
    make: () => queryOf(7),
    answer: (request) => [reply(request, -1)],
    result: null,
  },
  {
    what: 'a question, answered with the type of the request as by Linux 4.1',
    make: () => queryOf(7),
    answer: (request) => [reply(request, 7, { type: RTM_GETNSID })],
    result: 7,
  },
  {
    what: 'a batch of questions',
    make: () => queriesOf(3, 4, 5),
    answer: (_, requests) => requests.map((request) => reply(request, askedNsid(request))),
    result: [3, 4, 5],
  },
  {
    what: 'a batch whose answers come in another order, and of both types',
    make: () => queriesOf(3, 4, 5),
    answer: (_, requests) =>
      requests
        .toReversed()
        .map((request, index) =>
          reply(request, askedNsid(request), index === 1 ? { type: RTM_GETNSID } : undefined),
        ),
    result: [3, 4, 5],
  },
  {
    what: 'a batch with all its answers in one datagram',
    make: () => queriesOf(3, 4, 5),
    answer: (_, requests) => [Buffer.concat(requests.map((request) => reply(request, 1)))],
    result: [1, 1, 1],
  },
  {
    what: 'the largest batch',
    make: () => queriesOf(...Array.from({ length: 128 }, (_, index) => index)),
    answer: (_, requests) => requests.map((request) => reply(request, askedNsid(request))),
    result: Array.from({ length: 128 }, (_, index) => index),
  },
  {
    what: 'an assignment',
    make: () => new NsidAssignment(NETNSA_NSID, 1, 7),
    // With NLM_F_ECHO the kernel tells what it did, before it acknowledges.
    answer: (request) => [reply(request, 7), refusal(request, 0)],
    result: undefined,
  },
  {
    what: 'a dump in one datagram',
    make: () => new NsidDumpRequest(null),
    answer: (request) => [Buffer.concat([dumped(request, [{ nsid: 0 }, { nsid: 7 }]), done(request)])],
    result: {
      entries: [
        { nsid: 0, current: null },
        { nsid: 7, current: null },
      ],
      interrupted: false,
      datagrams: [56],
    },
  },
  {
    what: 'a dump in several datagrams, with the ids of both tables, and of both types',
    make: () => new NsidDumpRequest(9),
    answer: (request) => [
      dumped(request, [
        { nsid: 0, current: 4 },
        { nsid: 1, current: -1 },
      ]),
      dumped(request, [{ nsid: 2 }], { type: RTM_GETNSID }),
      done(request),
    ],
    result: {
      entries: [
        { nsid: 0, current: 4 },
        { nsid: 1, current: null },
        { nsid: 2, current: null },
      ],
      interrupted: false,
      datagrams: [72, 28],
    },
  },
  {
    what: 'an empty dump',
    make: () => new NsidDumpRequest(null),
    answer: (request) => [done(request)],
    result: { entries: [], interrupted: false, datagrams: [] },
  },
  {
    what: 'any request',
    make: () => new GeneralRequest({ type: 18, payload }),
    answer: (request) => [reply(request, 7, { type: 16, payload }), refusal(request, 0)],
    result: [{ type: 16, flags: 0, sequence: 1, port: PORT, payload }],
  },
  {
    what: 'any dump',
    make: () => new DumpRequest({ type: 18, payload }),
    answer: (request) => [reply(request, 7, { type: 16, payload }), done(request)],
    result: { messages: [{ type: 16, flags: 0, sequence: 1, port: PORT, payload }], interrupted: false },
  },
  {
    what: 'any dump, interrupted',
    make: () => new DumpRequest({ type: 18, payload }),
    answer: (request) => [done(request, 0, NLM_F_DUMP_INTR)],
    result: { messages: [], interrupted: true },
  },
];
