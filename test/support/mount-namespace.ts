/** A process in a mount namespace of its own, whose mounts do not propagate here. */
import './sandbox.ts';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { within } from './wait.ts';

export interface OtherMounts {
  /** `netns` of a file system that is mounted there alone, by /proc/PID/root. */
  directory: string;
  /** Runs a script of sh(1) there, in that directory. */
  run: (script: string) => void;
}

/** @param root where the file system is mounted there */
export async function otherMounts(t: TestContext, root: string): Promise<OtherMounts> {
  const setUp = `mount -t tmpfs tmpfs ${root} && mkdir ${root}/netns && echo ready && exec sleep infinity`;
  const words = ['--pdeathsig', 'KILL', 'unshare', '-m', '--propagation', 'private', 'sh', '-c', setUp];
  const child = spawn('setpriv', words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  t.after(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  await within('the mount namespace', Promise.race([once(child.stdout, 'data'), exited]));
  const enter = [`--mount=/proc/${child.pid}/ns/mnt`, 'sh', '-c'];
  return {
    directory: `/proc/${child.pid}/root${root}/netns`,
    run: (script) => void execFileSync('nsenter', [...enter, `cd ${root}/netns && ${script}`]),
  };
}
