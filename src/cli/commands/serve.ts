/** `nlink serve`: metrics, inventory and events of all namespaces over HTTP, until a signal. */
import type { Options, Run } from '../args/given.ts';
import { allDirectoriesOf, noteMissing } from '../args/directories.ts';
import { procOf } from '../args/proc-option.ts';
import { shown } from '../../format/escape.ts';
import type { Io } from '../host/io.ts';
import type { Served } from '../host/serve.ts';
import { note, print } from '../output/output.ts';
import { unseenProcesses } from '../output/unseen-processes.ts';
import { UsageError } from '../output/usage-error.ts';

export const serve: Run = async ({ options }, io) => {
  const proc = await procOf(options, io);
  const directories = allDirectoriesOf(options, io);
  await noteMissing(options, io);
  let server: Served['server'] | null = null;
  let isStopped = false;
  const forget = io.onStop(() => {
    isStopped = true;
    void server?.stop();
  });
  try {
    const watch = { directories, proc, unnamed: true, links: true, bufferSize: 1000 };
    const served = await io.serve(watch, {
      ...(await optionsOf(options, io)),
      directory: directories[0],
      proc,
    });
    server = served.server;
    if (isStopped) void server.stop();
    noteUnseen(served, proc, io);
    await print(`listening on ${shown(server.address)}\n`, io);
    const error = await server.ended;
    if (error !== null) throw error;
    return 0;
  } finally {
    forget();
    // What cannot say where it listens, as on a full disk, does not.
    await server?.stop();
  }
};

async function optionsOf(options: Options, io: Io): Promise<Parameters<Io['serve']>[1]> {
  const listen = options.get('listen')?.[0];
  return {
    ...(listen !== undefined && { listen }),
    ...(await tokenOf(options, io)),
    allowedHosts: options.get('allowed-host') ?? [],
    ...filterOf(options, 'include'),
    ...filterOf(options, 'exclude'),
    allMetrics: options.has('all-metrics'),
  };
}

const DEVICE = 'device:';

/** Patterns of namespaces, and those of devices. */
function filterOf(
  options: Options,
  name: 'include' | 'exclude',
): Partial<Record<typeof name, { netns?: string[]; device?: string[] }>> {
  const given = options.get(name);
  if (given === undefined) return {};
  const device = given
    .filter((pattern) => pattern.startsWith(DEVICE))
    .map((pattern) => pattern.slice(DEVICE.length));
  const netns = given.filter((pattern) => !pattern.startsWith(DEVICE));
  return { [name]: { ...(netns.length > 0 && { netns }), ...(device.length > 0 && { device }) } };
}

/** The first line of the file: editors end it with a newline. */
async function tokenOf(options: Options, io: Io): Promise<{ token?: string }> {
  const file = options.get('token-file')?.[0];
  if (file === undefined) return {};
  const [token = ''] = (await io.readFile(file)).split(/\r?\n/, 1);
  if (token === '') throw new UsageError(`--token-file: ${shown(file)} has no token in its first line`);
  return { token };
}

function noteUnseen({ linksFault, unnamedFault, unseen }: Served, proc: string, io: Io): void {
  if (linksFault !== null) note(`links are not served: ${linksFault.message}`, io);
  if (unnamedFault !== null)
    note(`namespaces without a name or an nsid are not found: ${unnamedFault.message}`, io);
  const missed = unseen === null ? '' : unseenProcesses(unseen, proc);
  if (missed !== '') note(`namespaces without a name may be missed: ${missed}`, io);
}
