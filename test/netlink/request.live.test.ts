/**
 * Requests and dumps of any kind, which the caller encodes: what the kernel answers, and what it
 * refuses, in its own words.
 */
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import {
  Connection,
  decodeNsidMessage,
  encodeAttributes,
  encodeNsidMessage,
  NETNSA_NSID,
  NETNSA_PID,
  NLM_F_DUMP,
  NLM_F_ECHO,
  NLM_F_MULTI,
  RTM_DELNSID,
  RTM_GETNSID,
  RTM_NEWNSID,
} from '../../src/netlink/index.ts';
import type { NetlinkError, NetlinkMessage, NsidMessage, RequestMessage } from '../../src/netlink/index.ts';
import { errno } from '../../src/sys/errno.ts';
import { netlinkSystem } from '../../src/sys/socket.ts';
import { faulty } from '../support/faults.ts';
import { decodeLink, ifinfomsg, RTM_GETLINK } from '../support/links.ts';
import { ip } from '../support/netns.ts';
import { connect, freshTable, makeNamespace } from '../support/nsids.ts';
import { isBefore } from '../support/old-kernels.ts';
import { within } from '../support/wait.ts';

// linux/if.h
const IFF_UP = 1;
const IFF_LOOPBACK = 8;

const nsidRequest = (message: Partial<NsidMessage>, type: number = RTM_GETNSID): RequestMessage => ({
  type,
  payload: encodeNsidMessage({ family: 0, ...message }),
});

test('a request: one device', async (t) => {
  const connection = await connect(t);
  const messages = await connection.request({ type: RTM_GETLINK, payload: ifinfomsg(1) });
  assert.equal(messages.length, 1);
  const { index, flags, name, mtu } = decodeLink(messages[0] as NetlinkMessage);
  assert.deepEqual([index, name, mtu], [1, 'lo', 65536]);
  assert.equal(flags & (IFF_UP | IFF_LOOPBACK), IFF_UP | IFF_LOOPBACK);
});

function addLinks(pairs: number): void {
  const lines = Array.from({ length: pairs }, (_, i) => `link add a${i} type veth peer name b${i}\n`);
  execFileSync('ip', ['-batch', '-'], { input: lines.join('') });
}

test('a dump: all devices, in many datagrams, as ip(8) lists them', async (t) => {
  freshTable(t);
  addLinks(60);
  const connection = await connect(t);
  const { messages, interrupted } = await connection.dump({ type: RTM_GETLINK, payload: ifinfomsg() });
  const links = messages.map(decodeLink);
  const listed = JSON.parse(ip('-j', 'link')) as { ifindex: number; ifname: string; mtu: number }[];
  assert.equal(links.length, 121);
  assert.deepEqual(
    links.map(({ index, name, mtu }) => [index, name, mtu]),
    listed.map(({ ifindex, ifname, mtu }) => [ifindex, ifname, mtu]),
  );
  assert.ok(messages.every(({ flags }) => (flags & NLM_F_MULTI) !== 0));
  assert.equal(interrupted, false);
});

// The kernel makes one dump at a time for a socket, and says EBUSY as long as that is not read to
// its end.
test('a dump that could not be received to its end does not stand in the way of the next one', async (t) => {
  freshTable(t);
  addLinks(60);
  let receives = 0;
  const { system } = faulty(netlinkSystem(), (call) =>
    call === 'receive' && ++receives === 2 ? -errno.ENOMEM : undefined,
  );
  await using connection = await Connection.open({}, system);
  const request = { type: RTM_GETLINK, payload: ifinfomsg() };
  await assert.rejects(connection.dump(request), { code: 'ENOMEM', syscall: 'recv' });
  assert.equal((await connection.dump(request)).messages.length, 121);
});

test('an answer of one message, and the acknowledgement alone', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  const path = makeNamespace();
  await connection.setNsid({ path }, 6);
  const [answer, ...more] = await connection.request(nsidRequest({ nsid: 6 }));
  assert.deepEqual(decodeNsidMessage(answer?.payload ?? new Uint8Array()), { family: 0, nsid: 6 });
  assert.equal(more.length, 0);
  assert.deepEqual(await connection.request(nsidRequest({ nsid: 9, pid: process.pid }, RTM_NEWNSID)), []);
  assert.equal(await connection.getNsid({ pid: process.pid }), 9);
});

test('NLM_F_ECHO: the notification that the request caused is among the answers', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  const request = { ...nsidRequest({ nsid: 8, pid: process.pid }, RTM_NEWNSID), flags: NLM_F_ECHO };
  const echoed = await connection.request(request);
  assert.deepEqual(
    echoed.map(({ type, payload }) => [type, decodeNsidMessage(payload)]),
    [[RTM_NEWNSID, { family: 0, nsid: 8 }]],
  );
});

/** Requests that the kernel refuses, and what it says. */
const refusals: [string, RequestMessage, { code: string; text: string | null; offset: number | null }][] = [
  [
    'a type that nobody knows',
    { type: 1000, payload: new Uint8Array(4) },
    { code: 'ENOTSUP', text: null, offset: null },
  ],
  ['RTM_DELNSID', nsidRequest({ nsid: 1 }, RTM_DELNSID), { code: 'ENOTSUP', text: null, offset: null }],
  [
    'a device that is not there',
    { type: RTM_GETLINK, payload: ifinfomsg(12_345) },
    { code: 'ENODEV', text: null, offset: null },
  ],
  [
    'no id to assign',
    nsidRequest({ pid: process.pid }, RTM_NEWNSID),
    { code: 'EINVAL', text: 'nsid is missing', offset: null },
  ],
  [
    'nobody to assign it to',
    nsidRequest({ nsid: 1 }, RTM_NEWNSID),
    { code: 'EINVAL', text: 'Peer netns reference is missing', offset: null },
  ],
  [
    'nobody to ask for',
    nsidRequest({}),
    { code: 'EINVAL', text: 'Peer netns reference is missing', offset: null },
  ],
  [
    'an id that nobody has',
    nsidRequest({ nsid: 5 }),
    { code: 'ENOENT', text: 'Peer netns reference is invalid', offset: 20 },
  ],
  [
    'a negative id',
    nsidRequest({ nsid: -1 }),
    { code: 'ENOENT', text: 'Peer netns reference is invalid', offset: 20 },
  ],
  [
    'a target that is no id',
    nsidRequest({ pid: process.pid, targetNsid: 5 }),
    { code: 'EINVAL', text: 'Target netns reference is invalid', offset: 28 },
  ],
  [
    'an attribute that has no place here',
    nsidRequest({ pid: process.pid, currentNsid: 5 }),
    { code: 'EINVAL', text: 'Unsupported attribute in peer netns getid request', offset: null },
  ],
  [
    'an attribute that is too short',
    { type: RTM_GETNSID, payload: withAttribute(NETNSA_PID, new Uint8Array(2)) },
    { code: 'ERANGE', text: 'Attribute failed policy validation', offset: 20 },
  ],
  [
    'an attribute that nobody knows',
    { type: RTM_GETNSID, payload: withAttribute(99, new Uint8Array(4)) },
    { code: 'EINVAL', text: 'Unknown attribute type', offset: 20 },
  ],
];

function withAttribute(type: number, value: Uint8Array): Uint8Array {
  return Buffer.concat([new Uint8Array(4), encodeAttributes([{ type, value }])]);
}

for (const [what, request, refusal] of refusals) {
  test(`refused by the kernel: ${what}`, async (t) => {
    freshTable(t);
    const connection = await connect(t);
    await assert.rejects(connection.request(request), { name: 'NetlinkError', ...refusal });
    // And that was the whole answer.
    assert.equal(await connection.getNsid({ pid: process.pid }), null);
  });
}

test('the error names the request', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  const known = { syscall: 'RTM_DELNSID', errno: -95, message: 'ENOTSUP: RTM_DELNSID' };
  await assert.rejects(connection.request(nsidRequest({}, RTM_DELNSID)), known);
  const unknown = { syscall: 'netlink request 1000' };
  await assert.rejects(connection.request({ type: 1000, payload: new Uint8Array(4) }), unknown);
});

test('a dump that is refused', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  await assert.rejects(connection.dump(nsidRequest({ targetNsid: 5 })), (error: NetlinkError) => {
    assert.equal(error.code, 'EINVAL');
    assert.equal(error.text, 'Invalid target network namespace id');
    // In NLMSG_DONE the kernel tells no offset in 6.1, and does in 6.18; where in between it begins
    // was not looked for.
    assert.ok(error.offset === 20 || (error.offset === null && isBefore(6, 18)), `${error.offset}`);
    assert.match(error.message, /the target is not an nsid of this namespace$/);
    return true;
  });
  await assert.rejects(connection.dump(nsidRequest({ pid: 1 })), {
    code: 'EINVAL',
    text: 'Unsupported attribute in dump request',
    message: /Unsupported attribute in dump request$/,
  });
  await assert.rejects(connection.dump({ type: 1000, payload: new Uint8Array(4) }), { code: 'ENOTSUP' });
  assert.deepEqual(await connection.dump(nsidRequest({})), { messages: [], interrupted: false });
});

// The kernel is silent on these, unless it is asked for an acknowledgement, or ends them in another
// way than the one asked for.
test('what the kernel does not take for what it was sent as comes to an end all the same', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  const empty = { type: RTM_GETNSID, payload: new Uint8Array(0) };
  assert.deepEqual(await end(connection.request(empty)), []);
  assert.deepEqual(await end(connection.dump(empty)), { messages: [], interrupted: false });
  // Assigns, since only what gets can be dumped.
  const assignment = nsidRequest({ nsid: 8, pid: process.pid }, RTM_NEWNSID);
  assert.deepEqual(await end(connection.dump(assignment)), { messages: [], interrupted: false });
  assert.equal(await connection.getNsid({ pid: process.pid }), 8);
  const [dumped, ...more] = await end(connection.request({ ...nsidRequest({}), flags: NLM_F_DUMP }));
  assert.deepEqual(decodeNsidMessage(dumped?.payload ?? new Uint8Array()), { family: 0, nsid: 8 });
  assert.equal(more.length, 0);
});

const end = <T>(answer: Promise<T>): Promise<T> => within('the end of the answer', answer);

test('a payload of any length, and requests one after the other', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  const short = { type: RTM_GETNSID, payload: new Uint8Array(1) };
  const refused = { code: 'EINVAL', text: 'Peer netns reference is missing' };
  await assert.rejects(connection.request(short), refused);
  const answers = await Promise.all(
    Array.from({ length: 500 }, () => connection.request(nsidRequest({ pid: process.pid }))),
  );
  assert.ok(answers.every((messages) => messages.length === 1));
  // So large that an error which repeated it could not be received.
  const attributes = withAttribute(NETNSA_NSID, Buffer.alloc(60_000, 0xff));
  const large = { type: RTM_GETNSID, payload: Buffer.concat([attributes, attributes.subarray(4)]) };
  await assert.rejects(connection.request(large), { code: 'ENOENT' });
});

test('more than the send buffer holds: EMSGSIZE', async (t: TestContext) => {
  const connection = await connect(t);
  const huge = { type: RTM_GETNSID, payload: new Uint8Array(8 * 1024 * 1024) };
  await assert.rejects(connection.request(huge), { code: 'EMSGSIZE', syscall: 'send' });
  assert.equal(await connection.getNsid({ pid: process.pid }), null);
});

test('what is no request is refused before anything is sent', async () => {
  const connection = await Connection.open();
  // Whatever would be sent now would be refused with another code.
  connection.close();
  const payload = new Uint8Array(4);
  const cases: [unknown, RegExp][] = [
    [undefined, /^message must be/],
    [null, /^message must be/],
    [{ payload }, /^message.type must be a whole number from 16 to 65535/],
    [{ type: 3, payload }, /^message.type/],
    [{ type: 65_536, payload }, /^message.type/],
    [{ type: 90.5, payload }, /^message.type/],
    [{ type: '90', payload }, /^message.type/],
    [{ type: 90, flags: -1, payload }, /^message.flags/],
    [{ type: 90, flags: 65_536, payload }, /^message.flags/],
    [{ type: 90 }, /^message.payload must be a Uint8Array/],
    [{ type: 90, payload: [0, 0, 0, 0] }, /^message.payload/],
    [{ type: 90, payload: new DataView(new ArrayBuffer(4)) }, /^message.payload/],
  ];
  for (const [message, expected] of cases) {
    const refused = { name: 'NlinkError', code: 'ERR_NLINK_INVALID_ARGUMENT', message: expected };
    await assert.rejects(connection.request(message as RequestMessage), refused);
    await assert.rejects(connection.dump(message as RequestMessage), refused);
  }
  await assert.rejects(connection.request({ type: RTM_GETNSID, payload }), { code: 'ERR_NLINK_CLOSED' });
});
