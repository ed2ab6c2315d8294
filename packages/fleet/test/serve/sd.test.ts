import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { isTarget } from '../../src/serve/sd.ts';

for (const target of ['a:1', 'a.b-c_d:65535', '10.0.0.1:9478', '[::1]:80'])
  test(`${target} is a target`, () => assert.ok(isTarget(target)));

for (const target of [
  ...['a', 'a:0', 'a:65536', 'a:b', 'a:', ':80', '[x]:80', '[10.0.0.1]:80', '::1:80'],
  ...['http://a:80', 'a b:80', 'a:80\n', 'ä:80', 'a:80/metrics', 'a:80?x', 'a:123456', 'u@a:80'],
])
  test(`${JSON.stringify(target)} is none`, () => assert.ok(!isTarget(target)));
