/**
 * What is mounted below /sys, such as cgroup2 and bpf, carried over to another sysfs that is
 * mounted on top of it: bound from below, where it stays (mount(2), MS_BIND). The directories for
 * it are in every sysfs (`sysfs_create_mount_point` in `fs/sysfs/dir.c`).
 */
import { readFileSync } from 'node:fs';
import { cPath } from '../../reference/names.ts';
import { errno } from '../../sys/errno.ts';
import { MS_BIND, MS_REC, O_PATH } from '../../sys/flags.ts';
import type { System } from '../../sys/system.ts';
import { overlayFault } from './etc-overlay.ts';
import type { OverlayFault } from './etc-overlay.ts';
import { ofDescriptor } from '../names/held-directory.ts';
import { mountHolding, parseMountinfo } from '../mounts/mountinfo.ts';

const SYS = '/sys';

/** Mounts that are held open while they are covered. */
export interface HeldMounts {
  /** Binds each to its place in what covers it. @returns those that could not be */
  putBack: () => OverlayFault[];
  /** To be called once. */
  release: () => void;
}

/**
 * Those of the calling thread's mount namespace. A mount that stands on one of them goes with it.
 */
export function holdSysMounts(system: System, mountinfo = '/proc/thread-self/mountinfo'): HeldMounts {
  const mounts = parseMountinfo(readFileSync(mountinfo));
  const sys = mountHolding(mounts, SYS)?.id;
  const places = mounts
    .filter(({ parent, mountPoint }) => parent === sys && mountPoint.startsWith(`${SYS}/`))
    .map(({ mountPoint }) => mountPoint);
  const held = Array.from(new Set(places), (place) => ({ place, fd: system.open(cPath(place), O_PATH) }));
  return {
    putBack: () => held.flatMap(({ place, fd }) => putBack(system, place, fd)),
    release() {
      for (const { fd } of held) if (fd >= 0) system.close(fd);
    },
  };
}

function putBack(system: System, place: string, fd: number): OverlayFault[] {
  const result = fd < 0 ? fd : system.mount(cPath(ofDescriptor(fd)), cPath(place), MS_BIND | MS_REC);
  if (result >= 0) return [];
  const why =
    fd >= 0 && result === -errno.ENOENT
      ? "the namespace's own /sys has no such directory"
      : 'it may not be bound here; without --sys-mounts this is not tried';
  return [overlayFault(`the mount on ${place}`, place, -result, why)];
}
