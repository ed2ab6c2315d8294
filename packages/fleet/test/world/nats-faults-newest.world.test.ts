/** The faults of a fleet with the newest nats-server that Debian has. */
import '../../../../test/support/sandbox.ts';
import { fileURLToPath } from 'node:url';
import { output } from '../../../../test/world/support/programs.ts';
import { matrix } from './support/matrix.ts';

const root = fileURLToPath(new URL('../../../../../', import.meta.url));

// The network of this machine is out of reach in here: scripts/world/install.sh has fetched it.
matrix('nats-server of sid', () =>
  output(`${root}scripts/world/nats-server.sh`, 'sid', `${root}build/world/nats-server`),
);
