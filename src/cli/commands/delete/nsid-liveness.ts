/**
 * Whether a namespace lives on when a name of it is gone, as far as its id here tells: the kernel
 * knows no id any more of one that nothing refers to (notes/netlink.md). Asks for what it can get:
 * where ids cannot be asked for, nothing is known.
 */
import { RTM_GETNSID } from '../../../netlink/constants.ts';
import { encodeNsidMessage } from '../../../netlink/nsid-message.ts';
import type { NsidConnection, Io } from '../../host/io.ts';

export class NsidLiveness {
  readonly #io: Pick<Io, 'openConnection'>;
  /** Null: none is to be had. */
  #connection: NsidConnection | null | undefined;

  constructor(io: Pick<Io, 'openConnection'>) {
    this.#io = io;
  }

  /** The id of the namespace on this path; null: none, or nobody knows. */
  async of(path: string): Promise<number | null> {
    const connection = await this.#open();
    try {
      return connection === null ? null : await connection.getNsid({ path });
    } catch {
      return null;
    }
  }

  /** Whether there is still a namespace with this id; null: nobody knows (before Linux 5.0). */
  async isAlive(nsid: number): Promise<boolean | null> {
    try {
      const payload = encodeNsidMessage({ family: 0, nsid });
      const answers = await (await this.#open())?.request({ type: RTM_GETNSID, payload });
      return answers === undefined ? null : true;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ENOENT' ? false : null;
    }
  }

  close(): void {
    this.#connection?.close();
  }

  async #open(): Promise<NsidConnection | null> {
    this.#connection ??= await this.#io.openConnection({}).catch(() => null);
    return this.#connection;
  }
}
