/** The real system calls of netlink sockets without what came to the kernel later, so that it answers as it did then. */
import {
  NETLINK_ADD_MEMBERSHIP,
  NETLINK_GET_STRICT_CHK,
  NETLINK_LISTEN_ALL_NSID,
  NETNSA_NSID,
  NLM_F_DUMP,
  RTM_GETNSID,
  SOL_NETLINK,
} from '../../src/netlink/index.ts';
import { littleEndian } from '../../src/sys/endian.ts';
import { errno } from '../../src/sys/errno.ts';
import { netlinkSystem } from '../../src/sys/socket.ts';
import type { NetlinkSystem } from '../../src/sys/socket.ts';

/** Options that the kernel does not know before a version, and what it says then. */
const UNKNOWN: Record<'4.1' | '4.2' | '4.20', { option: number; result: number }> = {
  '4.1': { option: NETLINK_ADD_MEMBERSHIP, result: -errno.EINVAL },
  '4.2': { option: NETLINK_LISTEN_ALL_NSID, result: -errno.ENOPROTOOPT },
  '4.20': { option: NETLINK_GET_STRICT_CHK, result: -errno.ENOPROTOOPT },
};

/** The kernel before this version, in one respect: the group, the option to listen to all namespaces, strict checking. */
export function withoutOption(version: '4.1' | '4.2' | '4.20'): NetlinkSystem {
  const system = netlinkSystem();
  const { option: unknown, result } = UNKNOWN[version];
  return {
    ...system,
    setOption: (fd, level, option, value) =>
      level === SOL_NETLINK && option === unknown ? result : system.setOption(fd, level, option, value),
  };
}

/** No attribute has this number. */
const NO_ATTRIBUTE = 0x3ff0;

/** The kernel before 5.0, which cannot be asked about an id: it passes over the attribute, and says that a reference is missing. */
export function withoutQuestionsById(): NetlinkSystem {
  const system = withoutOption('4.20');
  return {
    ...system,
    send(fd, bytes, length) {
      const copy = bytes.slice(0, length);
      const view = new DataView(copy.buffer);
      for (let at = 0; at < length; at += (view.getUint32(at, littleEndian) + 3) & ~3) {
        const isQuestion = view.getUint16(at + 4, littleEndian) === RTM_GETNSID;
        const isDump = (view.getUint16(at + 6, littleEndian) & NLM_F_DUMP) === NLM_F_DUMP;
        // After the header and struct rtgenmsg: the length of the attribute, and its type.
        if (isQuestion && !isDump && view.getUint16(at + 22, littleEndian) === NETNSA_NSID)
          view.setUint16(at + 22, NO_ATTRIBUTE, littleEndian);
      }
      return system.send(fd, copy, length);
    },
  };
}
