/**
 * What a `UnifiedNamespaceWatcher` works with, but for a receive buffer of netlink that holds about
 * ten notifications, whatever is asked for.
 */
import { NameDiagnosis } from '../../../src/netns/diagnosis/name-diagnosis.ts';
import { netlinkSystem } from '../../../src/sys/socket.ts';
import { systemClock } from '../../../src/watch/stream/clock.ts';
import type { UnifiedIo } from '../../../src/watch/unified/unified-options.ts';

const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_RCVBUFFORCE = 33;

export function smallBuffer(): UnifiedIo {
  const real = netlinkSystem();
  const setOption: typeof real.setOption = (fd, level, option, value) =>
    real.setOption(
      fd,
      level,
      option,
      level === SOL_SOCKET && (option === SO_RCVBUF || option === SO_RCVBUFFORCE) ? 4096 : value,
    );
  return { system: { ...real, setOption }, clock: systemClock, diagnosis: new NameDiagnosis() };
}
