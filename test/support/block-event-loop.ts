/**
 * What happens while the event loop gets no turn: whoever listens cannot read, so that all of it
 * waits in the kernel, or is lost there. The kernel answers questions about ids within send(2), so
 * that awaiting the answer runs promise jobs and nothing else.
 */
import type { Connection } from '../../src/netlink/index.ts';
import { deleteNamespace } from './netns.ts';
import { DEADLINE } from './wait.ts';

/** Assigns ids in order: `first` and those that follow it. */
export async function assignAll(connection: Connection, paths: readonly string[], first = 0): Promise<void> {
  for (const [index, path] of paths.entries()) await connection.setNsid({ path }, first + index);
}

/** Deletes namespaces and waits until the kernel has freed them. @param ids theirs, all of them */
export async function destroyAll(
  connection: Connection,
  paths: readonly string[],
  ids: Iterable<number>,
): Promise<void> {
  for (const path of paths) deleteNamespace(path);
  const dying = new Set(ids);
  await repeat('namespaces to be freed', async () => {
    const { entries } = await connection.listNsids({ known: dying });
    return !entries.some(({ nsid }) => dying.has(nsid));
  });
}

/** Assigns an id as soon as it is free. */
export async function takeOver(connection: Connection, path: string, nsid: number): Promise<void> {
  await repeat(`the id ${nsid} to be free`, async () => {
    try {
      await connection.setNsid({ path }, nsid);
      return true;
    } catch (error) {
      if ((error as { code: string }).code !== 'EEXIST') throw error;
      return false;
    }
  });
}

/** `attempt` may await nothing but the kernel's answers. */
async function repeat(what: string, attempt: () => Promise<boolean>): Promise<void> {
  const still = new Int32Array(new SharedArrayBuffer(4));
  const end = performance.now() + DEADLINE;
  while (!(await attempt())) {
    if (performance.now() > end) throw new Error(`waited ${DEADLINE} ms in vain for ${what}`);
    Atomics.wait(still, 0, 0, 1);
  }
}
