/**
 * Connections and sockets in a process of its own (test/netlink/fixtures/ask.ts): with other
 * rights, limits or namespaces than the test.
 */
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { converse } from '../support/child.ts';
import type { Conversation } from '../support/child.ts';
import { spawnOrdinary } from '../support/ordinary.ts';

const program: string = fileURLToPath(new URL('./fixtures/ask.js', import.meta.url));

/** What the program is asked: to open one of these and call a method of it. */
export interface Question {
  of: 'Connection' | 'NetlinkSocket';
  open: object;
  call: string;
  args: unknown[];
}

/** What is left of an error that went through JSON. */
export interface PlainError {
  name: string;
  code: string;
  message: string;
  syscall?: string;
  path?: string;
  text?: string | null;
  offset?: number | null;
}

export class Asker {
  readonly #conversation: Conversation;

  private constructor(conversation: Conversation) {
    this.#conversation = conversation;
  }

  /** Starts it by a command such as `unshare -Ur`. It ends with the test. */
  static start(t: TestContext, command: string, ...args: string[]): Promise<Asker> {
    return Asker.#converse(t, spawn(command, [...args, process.execPath, program]));
  }

  /** Starts it without privilege. */
  static ordinary(t: TestContext): Promise<Asker> {
    return Asker.#converse(t, spawnOrdinary(program));
  }

  static async #converse(t: TestContext, child: ChildProcessWithoutNullStreams): Promise<Asker> {
    return new Asker(await converse(t, child));
  }

  /**
   * Opens a connection and calls a method of it. @returns what that gave; fails if it was refused
   */
  async value(call: string, args: unknown[] = [], more: Partial<Question> = {}): Promise<unknown> {
    const answer = await this.#ask(call, args, more);
    if (isRefusal(answer)) throw new Error(`${call}: ${answer.error.message}`);
    return answer;
  }

  /** As {@link value}. @returns the error; fails if there was none */
  async refusal(call: string, args: unknown[] = [], more: Partial<Question> = {}): Promise<PlainError> {
    const answer = await this.#ask(call, args, more);
    if (isRefusal(answer)) return answer.error;
    throw new Error(`${call}: not refused, but ${JSON.stringify(answer)}`);
  }

  #ask(call: string, args: unknown[], more: Partial<Question>): Promise<unknown> {
    const question: Question = { of: 'Connection', open: {}, call, args, ...more };
    return this.#conversation.ask(JSON.stringify(question));
  }
}

const isRefusal = (answer: unknown): answer is { error: PlainError } =>
  typeof answer === 'object' && answer !== null && 'error' in answer;
