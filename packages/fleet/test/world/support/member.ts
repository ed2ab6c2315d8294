/** A process of a fleet in its network namespace, told what to do over a channel. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { within } from '../../../../../test/support/wait.ts';
import type { Look, Order } from './fleet-process.ts';

const PROGRAM = fileURLToPath(new URL('fleet-process.js', import.meta.url));

type Answer = { id: number; answer?: unknown; error?: string };

export class Member {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #count = 0;

  /** @param namespace path of the network namespace; no mount namespace is made, as ip(8) does */
  constructor(namespace: string) {
    this.#child = spawn('nsenter', [`--net=${namespace}`, process.execPath, PROGRAM], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child.on('message', (message) => {
      const answer = message as Answer;
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
  }

  async do(order: Order): Promise<unknown> {
    const id = ++this.#count;
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    this.#child.send({ id, order });
    const { answer, error } = await within(order.do, answered, 60_000);
    if (error !== undefined) throw new Error(`${order.do}: ${error}`);
    return answer;
  }

  look = async (): Promise<Look> => (await this.do({ do: 'look' })) as Look;

  async end(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}
