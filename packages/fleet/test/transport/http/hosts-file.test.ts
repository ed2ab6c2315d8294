/** Lists of servers: what a line may be, and which line is wrong. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseHosts } from '../../../src/transport/http/hosts-file.ts';

const files: Readonly<Record<string, string>> = {
  '/etc/lab/token': ' 0123456789abcdef \nmore\n',
  '/etc/lab/empty': '\n',
};
const read = async (path: string): Promise<string> => {
  const text = files[path];
  if (text === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
  return text;
};
const parse = (text: string): ReturnType<typeof parseHosts> => parseHosts(text, '/etc/lab/hosts', read);

test('names, URLs, options, comments, empty lines', async () => {
  const text = [
    '\uFEFF# all of them',
    '',
    'node-1\thttp://10.0.0.1:9478  # the first',
    '  node-2   https://node-2.example   token-file=token key=n2',
    'here unix:/run/x#1.sock\r',
    '   # none',
  ].join('\n');
  assert.deepEqual(await parse(text), [
    { name: 'node-1', url: 'http://10.0.0.1:9478' },
    { name: 'node-2', url: 'https://node-2.example', token: '0123456789abcdef', key: 'n2' },
    { name: 'here', url: 'unix:/run/x#1.sock' },
  ]);
});

test('what is wrong is said with its line', async () => {
  for (const [text, message] of [
    ['', /^\/etc\/lab\/hosts must be a list of hosts/],
    ['# x', /^\/etc\/lab\/hosts must be a list of hosts/],
    ['\nnode-1', /^\/etc\/lab\/hosts:2 must be NAME URL, got "node-1"/],
    ['a ftp://x', /^\/etc\/lab\/hosts:1\.url must be http:/],
    ['a http://x\nb http://x:80', /^\/etc\/lab\/hosts:2 must be another URL than \/etc\/lab\/hosts:1/],
    ['a http://x\na http://y', /^\/etc\/lab\/hosts:2 must be another name than \/etc\/lab\/hosts:1/],
    ['a http://x key=k\nb http://y key=k', /^\/etc\/lab\/hosts:2 must be another key than/],
    ['a http://x key=a.b', /^\/etc\/lab\/hosts:1\.key must be/],
    ['a http://x token=abc', /^\/etc\/lab\/hosts:1 must be token-file=FILE or key=KEY[^"]*"token=…"$/],
    ['http://u:abc@x', /^\/etc\/lab\/hosts:1 must be NAME URL, got "http:\/\/…@x"$/],
    ['a http://x token-file=', /^\/etc\/lab\/hosts:1 must be token-file=FILE or key=KEY/],
    ['a http://x token-file=empty', /^\/etc\/lab\/hosts:1 must be a token in the first line/],
  ] as const)
    await assert.rejects(parse(text), { code: 'ERR_NLINK_INVALID_ARGUMENT', message }, text);
  await assert.rejects(parse('a http://x token-file=/none'), { code: 'ENOENT' });
});
