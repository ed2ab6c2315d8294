/** The text by which most hosts are passed over: it may say yes too often, and no never wrongly. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { mayHave, searchText } from '../../src/serve/search/host-text.ts';
import { lab } from './support/hosts.ts';

const TEXT = searchText(lab(['blue', 'Web.1']));

for (const word of [
  ...['blue', 'web.1', 'name:blue', 'netns:blue', 'eth0', 'kind:bridge', '(this'],
  ...['/run/netns/blue', '/var/run/netns/blue', 'netns/web.1', 'up', 'nsid:1', 'pid:1001'],
  ...['02:42:00:00:00:01', '02-42-00-00-00-01', '024200000001', '0242', 'mac:02:42'],
])
  test(`${word} may be there`, () => assert.ok(mayHave(TEXT, [word])));

for (const words of [['purple'], ['blue', 'purple'], ['02-42-00-00-00-09'], ['/run/netns/purple']])
  test(`${words.join(' ')} is surely not there`, () => assert.ok(!mayHave(TEXT, words)));
