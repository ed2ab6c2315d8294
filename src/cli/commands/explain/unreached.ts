/**
 * An id that is assigned, so that its namespace is alive, although nothing leads to it that this
 * user can see: what may keep it, and how each of these ends.
 */
import type { UnreachedExplanation } from './explanation.ts';
import { nsidText } from './style.ts';
import type { ExplainStyle } from './style.ts';
import { sawAll, unseenLines } from '../../output/unseen-holders.ts';

/** What nobody sees, whoever asks, and how it ends. */
const NEVER_SEEN = [
  'a connection that its program has closed with data still to be sent: ends when that has arrived or is given up, mostly within minutes',
  'a descriptor in flight, behind the first message of a Unix socket, or before Linux 5.8: ends when it is received or the socket is closed',
  'a descriptor registered with io_uring, or open in a thread that shares none with its process: ends with that process',
  'a mount in a mount namespace without processes, or one that was taken off (umount -l) while it was in use: ends with what uses it',
];
/** What root on the host sees. */
const NEVER_SEEN_BY_OTHERS =
  "a unit of systemd with NetworkNamespacePath= or PrivateNetwork= without processes (RemainAfterExit=yes): ends when the unit is stopped; `systemctl show '*.service' -p Id -p ActiveState -p NetworkNamespacePath -p PrivateNetwork` lists them";

export function unreachedText(found: UnreachedExplanation, style: ExplainStyle): string {
  const { nsid, table, unseen } = found;
  const complete = sawAll(unseen);
  return [
    nsidText(nsid, table),
    style.paint(
      'yellow',
      complete
        ? 'Alive, as its nsid is assigned, but nothing visible leads to it'
        : 'Alive, as its nsid is assigned, but nothing that this user can see leads to it',
    ),
    'What may keep it alive, which nobody can see:',
    ...NEVER_SEEN.map((line) => `  ${line}`),
    ...(complete ? [] : ['What root can see on the host:', `  ${NEVER_SEEN_BY_OTHERS}`]),
    ...unseenLines(unseen, style),
  ]
    .map((line) => `${line}\n`)
    .join('');
}
