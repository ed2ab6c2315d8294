/**
 * What a broker and the path to it can suffer, each in a fleet of its own, in which things happen all
 * the time. Afterwards the reader must hold the truth of every host within five seconds, have told
 * nothing twice and lost nothing without a word; meanwhile the hosts must be what they are.
 */
import { jetstreamManager } from '@nats-io/jetstream';
import { Publisher } from '../../transport/nats/support/publisher.ts';
import { FAR, HOSTS } from './scene.ts';
import type { Scene } from './scene.ts';
import { SmallDisk } from './small-disk.ts';

export interface Fault {
  title: string;
  /** Milliseconds. */
  lasts: number;
  /** Where the server's store is to be. */
  disk?: () => Promise<SmallDisk>;
  begin(scene: Scene, disk: SmallDisk | null): Promise<void>;
  end(scene: Scene, disk: SmallDisk | null): Promise<void>;
  /** Of which hosts nothing is heard. */
  unheard: readonly string[];
  /** Whether what is told may be old. */
  isStale: boolean;
}

const STREAMS = ['nlink-heads', 'nlink-snapshots', 'nlink-deltas-0'] as const;
const ALL = HOSTS;

const pause = (seconds: number): Fault => ({
  title: `SIGSTOP, ${seconds} s`,
  lasts: seconds * 1000,
  begin: ({ server }) => server.pause(),
  end: async ({ server }) => server.resume(),
  unheard: ALL,
  isStale: true,
});

const cutReader = (seconds: number): Fault => ({
  title: `packets dropped at the reader, ${seconds} s`,
  lasts: seconds * 1000,
  begin: (scene) => scene.cut('reader'),
  end: (scene) => scene.heal('reader'),
  unheard: ALL,
  isStale: true,
});

const cutAgent = (seconds: number): Fault => ({
  title: `packets dropped at an agent, ${seconds} s`,
  lasts: seconds * 1000,
  begin: (scene) => scene.cut('h1'),
  end: (scene) => scene.heal('h1'),
  unheard: FAR,
  isStale: false,
});

/** The longest first, so that all are done soonest. */
export const FAULTS: readonly Fault[] = [
  pause(120),
  cutReader(120),
  cutAgent(120),
  pause(30),
  cutReader(30),
  cutAgent(30),
  pause(8),
  {
    title: 'kill -9, restart after 8 s',
    lasts: 8000,
    begin: ({ server }) => server.kill('SIGKILL'),
    end: ({ server }) => server.restart(),
    unheard: ALL,
    isStale: true,
  },
  {
    title: 'SIGTERM, restart at once',
    lasts: 0,
    begin: ({ server }) => server.kill('SIGTERM'),
    end: ({ server }) => server.restart(),
    unheard: ALL,
    isStale: true,
  },
  {
    title: 'store wiped, streams made anew',
    lasts: 2000,
    begin: ({ server }) => server.restart({ wipe: true }),
    end: makeStreams,
    unheard: ALL,
    isStale: true,
  },
  {
    title: 'streams deleted and made anew',
    lasts: 2000,
    async begin({ publisher }) {
      const manager = await jetstreamManager(publisher.connection);
      for (const stream of STREAMS) await manager.streams.delete(stream);
    },
    end: makeStreams,
    unheard: ALL,
    isStale: true,
  },
  {
    title: 'disk full for 10 s, server restarted',
    lasts: 10_000,
    disk: () => SmallDisk.make(),
    begin: async (_, disk) => disk?.fill(),
    async end({ server }, disk) {
      disk?.free();
      // By SIGTERM 2.9.10 does not always end after that.
      await server.restart({ signal: 'SIGKILL' });
    },
    unheard: ALL,
    isStale: true,
  },
];

/** By a connection of its own: another may still be on its way back. */
async function makeStreams({ server }: Scene): Promise<void> {
  const admin = await Publisher.connect(server);
  await admin.makeStreams();
  await admin.connection.close();
}
