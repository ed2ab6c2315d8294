/** Finds descriptors that were opened and not closed (proc_pid_fd(5)). */
import { strict as assert } from 'node:assert';
import { readdirSync, readlinkSync } from 'node:fs';

/** Every open descriptor of this process and what it leads to. */
export function openDescriptors(): Map<string, string> {
  const open = new Map<string, string>();
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      open.set(fd, readlinkSync(`/proc/self/fd/${fd}`));
    } catch {
      // The one that the listing itself was read through.
    }
  }
  return open;
}

/**
 * Runs `body` and fails if it leaves a descriptor open. What Node opens once for itself (its first use of a feature)
 * must have been opened before.
 */
export async function withoutLeak(body: () => void | Promise<void>): Promise<void> {
  const before = openDescriptors();
  await body();
  const left = [...openDescriptors()].filter(([fd, target]) => before.get(fd) !== target);
  assert.deepEqual(left, [], 'descriptors left open');
}
