/**
 * Runs a program as on a kernel before Linux 6.18: there are no file handles of namespaces
 * (name_to_handle_at(2)), so no ids of the kernel, and a name is opened to be looked at. `node
 * build/test/support/before-handles.js node scripts/test.js netns/`.
 */
import { spawnSync } from 'node:child_process';
import { errno } from '../../src/sys/errno.ts';
import { refuseHandles } from './seccomp.ts';

const [program, ...args] = process.argv.slice(2);
if (program === undefined) throw new Error('which program?');
refuseHandles(errno.EOPNOTSUPP, process.getuid?.() === 0);
// A filter is the thread's, and this one starts it.
const { status, error } = spawnSync(program, args, { stdio: 'inherit' });
if (error !== undefined) throw error;
process.exitCode = status ?? 1;
