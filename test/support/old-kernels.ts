/**
 * The real system calls without what came to the kernel later, so that it answers as it did then.
 */
import { readdirSync, readlinkSync } from 'node:fs';
import { release } from 'node:os';
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
import type { System } from '../../src/sys/system.ts';

/** Whether this kernel is older than Linux `major`.`minor`. */
export function isBefore(major: number, minor: number): boolean {
  const [x = 0, y = 0] = release().split('.').map(Number.parseFloat);
  return x < major || (x === major && y < minor);
}

const OWN_NAMESPACE = Buffer.from('/proc/self/ns/net\0');

/** Whether there are file handles of namespaces, and so ids of them: since Linux 6.18. */
export const hasHandles = (system: System): boolean =>
  system.namespaceHandle(OWN_NAMESPACE, { id: 0n, type: 0, ino: 0 }) === 0;

/** Whether namespaces are opened by their ids: none is hidden from root in the first user namespace. */
export const opensById = (system: System): boolean =>
  hasHandles(system) && readlinkSync('/proc/self/ns/user') === 'user:[4026531837]';

/**
 * Whether it is known of each namespace whether it lives, also of one that has gone before anybody
 * asked: it is opened by its id, whatever holds it, which is so on Linux 6.18 alone.
 */
export const knowsTheDead = (system: System): boolean => opensById(system) && isBefore(6, 19);

/**
 * The kernel since 6.19: by its id it opens a namespace only while a name leads to it, or a process
 * is in it, which is left out here.
 */
export const withoutUnheld = <S extends System>(system: S, directory: string): S => ({
  ...system,
  openNamespace(wanted) {
    const handle = { id: 0n, type: 0, ino: 0 };
    const isNamed = readdirSync(directory).some(
      (name) =>
        system.namespaceHandle(Buffer.from(`${directory}/${name}\0`), handle) === 0 &&
        handle.id === wanted.id,
    );
    return isNamed ? system.openNamespace(wanted) : -errno.ESTALE;
  },
});

/** The kernel before 6.18: what a name stands for is told by opening it for a moment. */
export const withoutHandles = (system: System): System => ({
  ...system,
  namespaceHandle: () => -errno.EOPNOTSUPP,
});

/**
 * Whether this one of the calls is part of such a moment: open, namespaceType, stat, close. What
 * one of them says is no more than a look, and the next look may know better.
 */
export function isOfOpenedLook(calls: readonly (keyof System)[], index: number): boolean {
  const position = ['open', 'namespaceType', 'stat', 'close'].indexOf(calls[index] as string);
  return position >= 0 && calls[index - position + 1] === 'namespaceType';
}

/** Options that the kernel does not know before a version, and what it says then. */
const UNKNOWN: Record<'4.1' | '4.2' | '4.20', { option: number; result: number }> = {
  '4.1': { option: NETLINK_ADD_MEMBERSHIP, result: -errno.EINVAL },
  '4.2': { option: NETLINK_LISTEN_ALL_NSID, result: -errno.ENOPROTOOPT },
  '4.20': { option: NETLINK_GET_STRICT_CHK, result: -errno.ENOPROTOOPT },
};

/**
 * The kernel before this version, in one respect: the group, the option to listen to all
 * namespaces, strict checking.
 */
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

/**
 * The kernel before 5.0, which cannot be asked about an id: it passes over the attribute, and says
 * that a reference is missing.
 */
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
