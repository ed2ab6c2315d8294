/**
 * A directory /etc of this sandbox's own, in which /etc/netns can be made: with what programs look
 * for there, and nothing else.
 */
import './sandbox.ts';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { cPath, encodeName } from '../../src/reference/names.ts';
import { check } from '../../src/sys/errno.ts';
import { MNT_DETACH, MS_BIND } from '../../src/sys/flags.ts';
import { linux } from '../../src/sys/system.ts';

const COPIED = ['passwd', 'group', 'ld.so.cache'];

/** Covers /etc until the end of the test. */
export function ownEtc(t: TestContext): void {
  const directory = mkdtempSync('/run/etc-');
  chmodSync(directory, 0o755);
  for (const name of COPIED) {
    try {
      copyFileSync(`/etc/${name}`, join(directory, name));
    } catch {
      // Not on every system, and not needed there.
    }
  }
  writeFileSync(join(directory, 'resolv.conf'), 'nameserver 192.0.2.1\n');
  writeFileSync(join(directory, 'hosts'), '127.0.0.1 localhost\n');
  check(linux().mount(cPath(directory), cPath('/etc'), MS_BIND), 'mount', '/etc');
  t.after(() => check(linux().umount(cPath('/etc'), MNT_DETACH), 'umount2', '/etc'));
}

/** Puts a file into /etc/netns/NAME. */
export function overlay(name: string, file: string, content: string): void {
  mkdirSync(encodeName(`/etc/netns/${name}`), { recursive: true });
  writeFileSync(encodeName(`/etc/netns/${name}/${file}`), content);
}
