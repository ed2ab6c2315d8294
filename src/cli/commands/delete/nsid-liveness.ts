/**
 * Whether a namespace is alive after its name is gone, by its nsid: the kernel removes the nsid
 * once nothing refers to the namespace (notes/netlink.md). Null where nsids cannot be queried.
 */
import { RTM_GETNSID } from '../../../netlink/constants.ts';
import { encodeNsidMessage } from '../../../netlink/nsid-message.ts';
import type { NsidConnection, Io } from '../../host/io.ts';

export class NsidLiveness {
  readonly #io: Pick<Io, 'openConnection'>;
  /** Null: it could not be opened. */
  #connection: NsidConnection | null | undefined;

  constructor(io: Pick<Io, 'openConnection'>) {
    this.#io = io;
  }

  /** The nsid of the namespace on this path; null: none, or unknown. */
  async of(path: string): Promise<number | null> {
    const connection = await this.#open();
    try {
      return connection === null ? null : await connection.getNsid({ path });
    } catch {
      return null;
    }
  }

  /** Whether a namespace still has this nsid; null: unknown (before Linux 5.0). */
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
