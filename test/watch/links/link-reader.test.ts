/** What the kernel is asked for again, over a socket whose kernel is the test. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { NLM_F_DUMP_INTR, NLM_F_MULTI } from '../../../src/netlink/constants.ts';
import { encodeMessage } from '../../../src/netlink/message.ts';
import type { NetlinkMessage } from '../../../src/netlink/message.ts';
import { Requester } from '../../../src/netlink/requester.ts';
import { errno } from '../../../src/sys/errno.ts';
import { GraphNamespace } from '../../../src/watch/links/link-node.ts';
import { LinkReader } from '../../../src/watch/links/link-reader.ts';
import { done, refusal } from '../../netlink/answers.ts';
import { linkPayload, text, u32 } from '../../netlink/link-encoder.ts';
import { PORT, ScriptedSocket } from '../../netlink/scripted-socket.ts';

const NSID = 1_000_000;
const NAMESPACE = new GraphNamespace(NSID, NSID);

const link = ({ sequence }: NetlinkMessage, flags: number): Uint8Array =>
  encodeMessage({
    type: 16,
    sequence,
    flags,
    port: PORT,
    payload: linkPayload({}, [
      [3, text('one')],
      [46, u32(NSID)],
    ]),
  });

/** A reader whose dumps are interrupted so often. */
function reader(interruptions: number): { reader: LinkReader; sent: () => number } {
  let left = interruptions;
  const socket = new ScriptedSocket({
    onSend: (request, socket) => {
      const flags = left-- > 0 ? NLM_F_MULTI | NLM_F_DUMP_INTR : NLM_F_MULTI;
      socket.deliver(link(request, flags), done(request));
    },
  });
  return { reader: new LinkReader(new Requester(socket.raw)), sent: () => socket.sent.length };
}

test('what changed while it was listed is listed again; with counters, too', async () => {
  for (const kind of ['list', 'statistics'] as const) {
    const { reader: links, sent } = reader(2);
    const found = await links[kind](NAMESPACE);
    assert(found !== null && typeof found !== 'string');
    assert.equal(sent(), 3, kind);
  }
});

test('what changes without an end is taken as it is, after a while', async () => {
  const { reader: links, sent } = reader(Infinity);
  const found = await links.list(NAMESPACE);
  assert(typeof found !== 'string');
  assert.equal(found.length, 1);
  assert(sent() > 1 && sent() < 20);
});

test('a namespace that may not be looked into, and one that has died', async () => {
  for (const [code, why] of [
    [errno.EACCES, 'closed'],
    [errno.EINVAL, 'gone'],
  ] as const) {
    const socket = new ScriptedSocket({
      onSend: (request, socket) => socket.deliver(refusal(request, code)),
    });
    const links = new LinkReader(new Requester(socket.raw));
    assert.equal(await links.list(NAMESPACE), why);
    assert.equal(await links.statistics(NAMESPACE), null);
  }
});
