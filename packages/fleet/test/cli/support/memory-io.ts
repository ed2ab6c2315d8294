/** A command over a broker in memory, in this process. */
import { PassThrough } from 'node:stream';
import type { Io } from '../../../src/cli/host/io.ts';
import { FleetWatcher } from '../../../src/index.ts';
import type { FleetHost } from '../../../src/index.ts';
import type { MemoryBroker } from '../../support/memory-transport.ts';

export class MemoryIo {
  /** How often all hosts were asked for. */
  looks = 0;
  text = '';
  /** As by SIGINT. */
  stop: () => void = () => {};
  readonly io: Io;

  constructor(broker: MemoryBroker) {
    const stdout = new PassThrough();
    stdout.on('data', (chunk) => (this.text += String(chunk)));
    this.io = {
      stdout,
      stderr: new PassThrough(),
      quiet: true,
      env: {},
      natsTransport: async () => broker.transport(),
      openWatcher: async (options: Parameters<Io['openWatcher']>[0]) => {
        const fleet = await FleetWatcher.open(options);
        const hosts = fleet.hosts.bind(fleet);
        fleet.hosts = (): readonly FleetHost[] => (this.looks++, hosts());
        return fleet;
      },
      onStop: (listener: (signal: string) => void) => {
        this.stop = () => listener('SIGINT');
        return () => {};
      },
      onReaderGone: () => () => {},
    } as unknown as Io;
  }

  get lines(): string[] {
    return this.text.split('\n').slice(0, -1);
  }
}
