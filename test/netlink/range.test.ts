/**
 * Numbers that have no place in a message are refused before anything is written; the limits are
 * taken.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import {
  decodeAttributes,
  decodeMessages,
  decodeNsidMessage,
  encodeAttributes,
  encodeMessage,
  encodeNsidMessage,
  encodeRtGenMsg,
} from '../../src/netlink/index.ts';

const refused = { name: 'NlinkError', code: 'ERR_NLINK_INVALID_ARGUMENT' };
const bad = [-1, 1.5, NaN, Infinity, 2 ** 32];

test('the header of a message', () => {
  for (const field of ['type', 'flags', 'sequence', 'port'])
    for (const value of bad) assert.throws(() => encodeMessage({ type: 88, [field]: value }), refused);
  assert.throws(() => encodeMessage({ type: 0x10000 }), refused);
  const most = { type: 0xffff, flags: 0xffff, sequence: 0xffffffff, port: 0xffffffff };
  assert.deepEqual(decodeMessages(encodeMessage(most)), [{ ...most, payload: new Uint8Array(0) }]);
});

test('an nsid message', () => {
  for (const field of ['nsid', 'targetNsid', 'currentNsid']) {
    for (const value of [2 ** 31, -(2 ** 31) - 1, 0.5, NaN])
      assert.throws(() => encodeNsidMessage({ family: 0, [field]: value }), refused);
    for (const value of [2 ** 31 - 1, -(2 ** 31), -1, 0]) {
      const message = { family: 0, [field]: value };
      assert.deepEqual(decodeNsidMessage(encodeNsidMessage(message)), message);
    }
  }
  for (const field of ['pid', 'fd'])
    for (const value of bad) assert.throws(() => encodeNsidMessage({ family: 0, [field]: value }), refused);
  for (const family of [-1, 256]) assert.throws(() => encodeRtGenMsg({ family }), refused);
});

test('the type of an attribute', () => {
  const value = new Uint8Array(0);
  for (const type of [-1, 0x4000, 0.5]) assert.throws(() => encodeAttributes([{ type, value }]), refused);
  assert.deepEqual(decodeAttributes(encodeAttributes([{ type: 0x3fff, value }])), [{ type: 0x3fff, value }]);
});
