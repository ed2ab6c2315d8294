/**
 * What `ip netns list` prints (ip-netns(8)): every entry of the directory in the order in which the
 * kernel gives them, be a namespace mounted on it or not, and the id where it has one. Names are
 * bytes, and go out as they are, but not to a terminal.
 */
import type { Matcher } from '../../../reference/glob.ts';
import { decodeName, joinPath } from '../../../reference/names.ts';
import { escaped } from '../../../format/escape.ts';
import type { Io } from '../../host/io.ts';

/** @throws SystemError of a directory that may not be read */
export async function ipList(
  directories: readonly string[],
  matches: Matcher | null,
  io: Io,
): Promise<Buffer> {
  const located: { bytes: Buffer; path: string }[] = [];
  for (const directory of directories)
    for (const bytes of await io.calls.entriesOf(directory)) {
      const name = decodeName(bytes);
      if (matches?.(name) !== false) located.push({ bytes, path: joinPath(directory, name) });
    }
  if (located.length === 0) return Buffer.alloc(0);
  const nsids = await nsidsOf(
    located.map(({ path }) => path),
    io,
  );
  const isTerminal = io.stdout.isTTY === true;
  return Buffer.concat(
    located.map(({ bytes }, at) => {
      const nsid = nsids[at];
      const id = typeof nsid === 'number' ? ` (id: ${nsid})\n` : '\n';
      if (isTerminal) return Buffer.from(`${escaped(decodeName(bytes))}${id}`);
      return Buffer.concat([bytes, Buffer.from(id)]);
    }),
  );
}

/** As for ip, what cannot be asked for has none. */
async function nsidsOf(paths: readonly string[], io: Io): Promise<unknown[]> {
  const connection = await io.openConnection({});
  try {
    return await connection.getNsids(paths.map((path) => ({ path })));
  } finally {
    connection.close();
  }
}
