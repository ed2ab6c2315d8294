/** Lines for a person. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { painter } from '../../../../src/cli/output/color.ts';
import { textLine } from '../../../../src/cli/commands/watch/text-lines.ts';
import { REASONS } from '../../../../src/cli/output/reasons.ts';
import type { NotReadyReason } from '../../../../src/netns/identity/observe.ts';
import { at, created, DIRECTORY, everything, OTHER } from '../../support/lines.ts';

const time = '03:04:05.006';
const plain = { paint: painter(false), readyTimeout: 1000, directories: [DIRECTORY] };
const several = { ...plain, directories: [DIRECTORY, OTHER] };

test('one of everything', () => {
  assert.deepEqual(
    everything.map((told) => textLine(told, time, plain)),
    [
      '03:04:05.006  present    old               net:[4026532178]',
      '03:04:05.006  present    self              net:[4026532178]  id 9007199254740993  nsid 3  own',
      '03:04:05.006  present    stale             not ready (not-a-namespace): a file on which no namespace is mounted',
      '03:04:05.006  present    -                 nsid 2147483647',
      '03:04:05.006  created    blue              net:[4026532178]  id 9007199254740993',
      '03:04:05.006  created    /run/docker/netns/alias  net:[4026532178]  id 9007199254740993  nsid 7',
      '03:04:05.006  created    late              not ready (timeout): no namespace was mounted on it within 1000 ms; it may still come',
      '03:04:05.006  mounted    late              net:[4026532178]  id 9007199254740993  nsid 0',
      '03:04:05.006  unmounted  late              net:[4026532178]  id 9007199254740993  nsid 0  is gone; its file remains',
      '03:04:05.006  unmounted  late              net:[4026532178]  its file remains',
      '03:04:05.006  deleted    late              no namespace was seen on it',
      '03:04:05.006  deleted    "my net"          net:[4026532178]  id 9007199254740993',
      '03:04:05.006  deleted    "-"               net:[4026532178]  id 9007199254740993  nsid 7  lives on',
      '03:04:05.006  deleted    blue              net:[4026532178]  nsid 7  is gone',
      '03:04:05.006  assigned   blue, /run/docker/netns/alias  net:[4026532178]  id 9007199254740993  nsid 7',
      '03:04:05.006  assigned   -                 nsid 8',
      '03:04:05.006  destroyed  blue              net:[4026532178]  id 9007199254740993  nsid 7',
      '03:04:05.006  destroyed  -                 nsid 8',
      '03:04:05.006  directory  /run/netns is gone',
      '03:04:05.006  directory  "/run/net\\nns" is there',
      '03:04:05.006  resynced   the kernel lost events of names; the differences are above',
      '03:04:05.006  resynced   the kernel lost events of names and nsids; the differences are above; there may be more nsids: the kernel did not list them all',
    ],
  );
});

test('several directories: names of the first stand alone, others as paths, in a wider column', () => {
  assert.match(textLine(created('blue'), time, several), /  created    blue {30}net:/);
  const other = { ...created('blue'), ...at('blue', OTHER) };
  assert.match(textLine(other, time, several), /  created    \/run\/docker\/netns\/blue {12}net:/);
  const odd = { ...created('a b'), ...at('a b', OTHER) };
  assert.match(textLine(odd, time, several), /  created    "\/run\/docker\/netns\/a b" +net:/);
});

test('a long name pushes the rest to the right; one outside the BMP does not', () => {
  assert.match(textLine(created('n'.repeat(255)), time, plain), /created    n{255}  net:/);
  assert.match(textLine(created('𝄞'), time, plain), /created    𝄞 {17}net:/u);
});

test('every reason is explained', () => {
  for (const reason of Object.keys(REASONS) as NotReadyReason[]) {
    const line = textLine(
      { type: 'created', ...at('x'), ready: false, namespace: null, nsid: null, reason },
      time,
      plain,
    );
    assert.match(line, new RegExp(`not ready \\(${reason}\\): \\S+ .*\\S$`));
  }
});

test('the time that ran out is named, if there was any', () => {
  const late = everything[6];
  assert.ok(late);
  assert.match(textLine(late, time, { ...plain, readyTimeout: 50 }), /within 50 ms; it may still come$/);
  assert.match(textLine(late, time, { ...plain, readyTimeout: 0 }), /no namespace was mounted on it yet$/);
});

test('colours: the same text, coloured by what happened', () => {
  const coloured = { ...plain, paint: painter(true) };
  for (const told of everything) {
    const line = textLine(told, time, coloured);
    assert.equal(stripVTControlCharacters(line), textLine(told, time, plain));
  }
  assert.ok(textLine(created('blue'), time, coloured).includes('\x1b[32mcreated  \x1b[39m  blue '));
});
