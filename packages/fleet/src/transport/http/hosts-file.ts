/**
 * A list of servers: a host a line, with spaces or tabs between.
 *
 *     # NAME   URL                       OPTION...
 *     node-1   http://10.0.0.1:9478      token-file=/etc/nlink/token
 *     node-2   https://node-2.example
 *     here     unix:/run/nlink.sock      key=lab-here
 *
 * What follows a `#` at the start of a line or after a space is a comment. A path of a token file
 * is as from the directory of the list; of such a file the first line counts.
 */
import { dirname, resolve } from 'node:path';
import { invalidArgument } from '../../core.ts';
import { endpointOf, withoutSecrets } from './http-hosts.ts';
import type { HttpHost } from './http-hosts.ts';

/** More are no list of hosts. */
const MOST_LINES = 100_000;

/**
 * @param text of the file
 * @param path of the file, for messages and for the paths in it
 * @param readFile reads a whole file as text
 * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`, with path and line; what `readFile` throws
 */
export async function parseHosts(
  text: string,
  path: string,
  readFile: (path: string) => Promise<string>,
): Promise<HttpHost[]> {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (lines.length > MOST_LINES) throw invalidArgument(path, `at most ${MOST_LINES} lines`, lines.length);
  const hosts: HttpHost[] = [];
  /** By name and by URL, where each was. */
  const seen = new Map<string, string>();
  for (const [at, line] of lines.entries()) {
    const called = `${path}:${at + 1}`;
    const words = line
      .replace(/(?:^|\s)#.*/, '')
      .trim()
      .split(/\s+/);
    if (words[0] === '') continue;
    const host = await hostOf(words, called, dirname(path), readFile);
    const endpoint = endpointOf(host, called);
    for (const mark of [`name ${endpoint.name}`, `URL ${endpoint.url}`, `key ${endpoint.key}`]) {
      const before = seen.get(mark);
      if (before !== undefined)
        throw invalidArgument(called, `another ${mark.split(' ')[0]} than ${before}`, line);
      seen.set(mark, called);
    }
    hosts.push(host);
  }
  if (hosts.length === 0)
    throw invalidArgument(path, 'a list of hosts: NAME URL, one a line', text.slice(0, 40));
  return hosts;
}

async function hostOf(
  words: readonly string[],
  called: string,
  directory: string,
  readFile: (path: string) => Promise<string>,
): Promise<HttpHost> {
  const [name = '', url, ...options] = words;
  if (url === undefined) throw invalidArgument(called, 'NAME URL', withoutSecrets(name));
  const host: HttpHost = { name, url };
  for (const option of options) {
    const [, word, value = ''] = /^([a-z-]+)=(.+)$/.exec(option) ?? [];
    if (word === 'key') host.key = value;
    else if (word === 'token-file') {
      const [token = ''] = (await readFile(resolve(directory, value))).split(/\r?\n/, 1);
      if (token === '') throw invalidArgument(called, 'a token in the first line of its token-file', value);
      host.token = token.trim();
    } else throw invalidArgument(called, 'token-file=FILE or key=KEY after the URL', bare(option));
  }
  return host;
}

/** Somebody may have written a token there. */
const bare = (option: string): string => option.replace(/=.+/s, '=…');
