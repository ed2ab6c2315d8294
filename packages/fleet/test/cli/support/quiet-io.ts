/** What a command works with, where nothing may be opened but what a test gives. */
import { Writable } from 'node:stream';
import { processIo } from '../../../src/cli/host/process-io.ts';
import type { Io } from '../../../src/cli/host/io.ts';

class Sink extends Writable {
  text = '';
  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

export function quietIo(more: Partial<Io> = {}): Io & { stdout: Sink; stderr: Sink } {
  const refuse = async (): Promise<never> => {
    throw new Error('nothing is to be opened');
  };
  return {
    ...processIo(),
    env: {},
    natsTransport: refuse,
    httpTransport: refuse,
    openWatcher: refuse,
    streams: refuse,
    startAgent: refuse,
    ...more,
    stdout: new Sink(),
    stderr: new Sink(),
  };
}
