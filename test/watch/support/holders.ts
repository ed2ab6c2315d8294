/** All that keeps a network namespace alive when it has lost its name. */
import { closeSync, constants, openSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { NetlinkSocket } from '../../../src/netlink/index.ts';
import { cPath } from '../../../src/reference/names.ts';
import { check } from '../../../src/sys/errno.ts';
import { linux } from '../../../src/sys/system.ts';
import { addAlias, deleteNamespace, netnsDirectory, spawnHolder } from '../../support/netns.ts';

const O_PATH = 0o10000000;

/** What keeps a namespace that has lost its name, and lets it go again. */
export const holders: Record<string, (t: TestContext, path: string) => Promise<() => unknown>> = {
  'a process': async (t, path) => {
    const holder = await spawnHolder(t, path);
    return () => holder.end();
  },
  'a descriptor': async (_, path) => {
    const fd = openSync(path, 'r');
    return () => closeSync(fd);
  },
  'a descriptor that was opened with O_PATH': async (_, path) => {
    const fd = check(linux().open(cPath(path), O_PATH | constants.O_RDONLY), 'open');
    return () => closeSync(fd);
  },
  'a socket': async (_, path) => {
    const socket = await NetlinkSocket.open({ namespace: { path } });
    return () => socket.close();
  },
  'a second name': async (_, path) => {
    const second = `${netnsDirectory()}/second`;
    addAlias(path, second);
    return () => deleteNamespace(second);
  },
};
