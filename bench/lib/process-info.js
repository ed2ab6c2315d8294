/**
 * What the kernel says of another process: CPU time to the nanosecond (its clock, see
 * clock_getcpuclockid(3)), context switches and memory (proc_pid_status(5)), whether it has an
 * inotify watch (proc_pid_fdinfo(5)), who is subscribed to namespace ids in its network namespace.
 * All watchers are measured in this one way, whatever language they are written in.
 */
import { readdirSync, readFileSync } from 'node:fs';
import koffi from 'koffi';

const clockGettime = koffi.load(null).func('int clock_gettime(int clock, void *time)');
const time = new BigInt64Array(2);
/** The clock counts the run time of all threads, user and system (CPUCLOCK_SCHED). */
const processClock = (pid) => (~pid << 3) | 2;

/** CPU time of all threads of a process, in microseconds. */
export function cpuTime(pid) {
  if (clockGettime(processClock(pid), time) !== 0) throw new Error(`process ${pid} has no clock: it ended`);
  return Number(time[0]) * 1e6 + Number(time[1]) / 1e3;
}

const number = (text, key) => Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? Number.NaN);

/**
 * Memory in kB and voluntary context switches: times that a thread of it went to sleep, so wake-ups
 * too.
 */
export function processStatus(pid) {
  const own = readFileSync(`/proc/${pid}/status`, 'latin1');
  let sleeps = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    sleeps += number(readFileSync(`/proc/${pid}/task/${thread}/status`, 'latin1'), 'voluntary_ctxt_switches');
  }
  return { rss: number(own, 'VmRSS'), peakRss: number(own, 'VmHWM'), sleeps };
}

/** Whether no thread of it runs or wants to. */
export function isAsleep(pid) {
  return readdirSync(`/proc/${pid}/task`).every((thread) =>
    /^State:\s+S/m.test(readFileSync(`/proc/${pid}/task/${thread}/status`, 'latin1')),
  );
}

/** Whether it watches anything by inotify: how to tell that a foreign program is ready. */
export function hasInotifyWatch(pid) {
  return readdirSync(`/proc/${pid}/fdinfo`).some((fd) => {
    try {
      return readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'latin1').includes('inotify wd:');
    } catch {
      return false; // closed meanwhile
    }
  });
}

/** RTNLGRP_NSID, group 28, as a bit. */
const NSID_GROUP = 1 << 27;

/**
 * Sockets in a process's network namespace that are told of namespace ids, whose ever they are
 * (`netlink_seq_show`).
 */
export function nsidSockets(pid) {
  const lines = readFileSync(`/proc/${pid}/net/netlink`, 'latin1').trimEnd().split('\n');
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, protocol, , groups]) => protocol === '0' && (Number.parseInt(groups, 16) & NSID_GROUP) !== 0)
    .map((columns) => ({ drops: Number(columns[8]) }));
}
