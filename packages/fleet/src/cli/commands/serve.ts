/** `nlink-fleet serve`: the page, search, metrics and service discovery, until a signal. */
import { shown } from '../../core.ts';
import type { ServingFleet } from '../../serve/serving-fleet.ts';
import { openSource, secretOf } from '../connection.ts';
import type { Source } from '../connection.ts';
import type { Io } from '../host/io.ts';
import { complain, note } from '../output/notes.ts';
import { print } from '../output/print.ts';
import type { Run } from '../command-run.ts';

export const serve: Run = async ({ options }, io) => {
  const listen = options.get('listen')?.[0];
  const token = await secretOf(options, 'token-file', io);
  const ending = new AbortController();
  let server: ServingFleet | null = null;
  const list = new ListOfHosts(io);
  const forget = io.onStop((signal) => {
    // A terminal that was closed means the end; otherwise what daemons take it for.
    if (signal === 'SIGHUP' && options.has('hosts') && io.stdout.isTTY !== true) {
      list.readAnew();
      return 'goes on';
    }
    ending.abort();
    void server?.stop();
    return undefined;
  });
  try {
    const source = await openSource(options, io, { signal: ending.signal });
    const { watcher } = source;
    list.opened(source.reload);
    try {
      server = await io.serve(watcher, {
        ...(listen !== undefined && { listen }),
        ...(token !== null && { token }),
        allowedHosts: options.get('allowed-host') ?? [],
        hostMetrics: options.has('host-metrics'),
      });
      if (watcher.connection !== 'live') note('not all has been read yet', io);
      await print(`listening on ${shown(server.address)}\n`, io);
      const error = await server.ended;
      if (error !== null && !ending.signal.aborted) throw error;
      return 0;
    } finally {
      // What cannot say where it listens, as on a full disk, does not.
      await (server ?? watcher).stop();
    }
  } catch (error) {
    if (ending.signal.aborted && (error as NodeJS.ErrnoException).code === 'ABORT_ERR') return 0;
    throw error;
  } finally {
    forget();
  }
};

/** The list of hosts, read one time after the other: the last one that was asked for counts. */
class ListOfHosts {
  readonly #io: Io;
  /** Null: it is not open yet. */
  #reload: Source['reload'] = null;
  /** Whether it was asked for before that. */
  #isAsked = false;
  #last: Promise<void> = Promise.resolve();

  constructor(io: Io) {
    this.#io = io;
  }

  opened(reload: Source['reload']): void {
    this.#reload = reload;
    if (this.#isAsked) this.readAnew();
  }

  readAnew(): void {
    const reload = this.#reload;
    if (reload === null) this.#isAsked = true;
    else this.#last = this.#last.then(() => this.#read(reload));
  }

  /** A list with a fault changes nothing. */
  async #read(reload: () => Promise<void>): Promise<void> {
    try {
      await reload();
      note('the list of hosts was read anew', this.#io);
    } catch (error) {
      complain(`the list of hosts is as it was: ${(error as Error).message}`, this.#io);
    }
  }
}
