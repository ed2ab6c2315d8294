/** The faults of a fleet with the nats-server of this Debian. */
import '../../../../test/support/sandbox.ts';
import { output } from '../../../../test/world/support/programs.ts';
import { matrix } from './support/matrix.ts';

matrix('nats-server', () => output('sh', '-c', 'command -v nats-server'));
