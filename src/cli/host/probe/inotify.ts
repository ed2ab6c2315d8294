/**
 * How much of inotify this user has in use, and whether there is more: by making an instance and a
 * watch.
 */
import { DescriptorReader, infoOf } from '../../../netns/holders/descriptors.ts';
import { watchedInodes } from '../../../netns/holders/mark-info.ts';
import { Observer } from '../../../netns/identity/observe.ts';
import { detailsOf } from '../../../netns/processes/process-details.ts';
import { listNumbers, readSmall, EventLoopYield } from '../../../netns/processes/proc.ts';
import { cPath } from '../../../reference/names.ts';
import { errnoName } from '../../../sys/errno.ts';
import type { InspectionSystem } from '../../../sys/inspection.ts';
import type { InotifyFacts, Limit } from './probe.ts';

const IN_ONLYDIR = 0x01000000;
const IN_DELETE_SELF = 0x400;

/** @param proc where procfs is mounted */
export async function inotifyFacts(system: InspectionSystem, proc: string): Promise<InotifyFacts> {
  const used = await usage(system, proc);
  const facts: InotifyFacts = {
    instances: { ...tightest('instances'), used: used.instances },
    watches: { ...tightest('watches'), used: used.watches },
    initFault: null,
    watchFault: null,
  };
  const fd = system.inotifyInit();
  if (fd < 0) return { ...facts, initFault: errnoName(-fd) };
  const watch = system.inotifyAddWatch(fd, cPath('/'), IN_DELETE_SELF | IN_ONLYDIR);
  system.close(fd);
  return watch < 0 ? { ...facts, watchFault: errnoName(-watch) } : facts;
}

/**
 * Counted for each user, in its user namespace and in each above it, of which the first one's limit
 * has another name too.
 */
function tightest(what: 'instances' | 'watches'): Omit<Limit, 'used'> {
  const host = numberIn(`/proc/sys/fs/inotify/max_user_${what}`);
  const here = numberIn(`/proc/sys/user/max_inotify_${what}`);
  return here !== null && (host === null || here < host)
    ? { sysctl: `user.max_inotify_${what}`, most: here }
    : { sysctl: `fs.inotify.max_user_${what}`, most: host };
}

function numberIn(path: string): number | null {
  const text = readSmall(path)?.toString('latin1').trim() ?? '';
  return /^\d+$/.test(text) ? Number(text) : null;
}

/** Of the processes of this user that may be looked into. */
async function usage(
  system: InspectionSystem,
  proc: string,
): Promise<{ instances: number; watches: number }> {
  const reader = new DescriptorReader(system, new EventLoopYield(), new Observer(system).nsfs);
  const found = { instances: 0, watches: 0 };
  const user = process.geteuid?.();
  const pids = listNumbers(system, proc);
  for (const pid of typeof pids === 'number' ? [] : pids) {
    if (detailsOf(pid, proc).uid !== user) continue;
    const open = await reader.of(`${proc}/${pid}`);
    for (const descriptor of typeof open === 'number' ? [] : open) {
      if (descriptor.kind !== 'inotify') continue;
      found.instances++;
      found.watches += watchedInodes(infoOf(descriptor) ?? '').length;
    }
  }
  return found;
}
