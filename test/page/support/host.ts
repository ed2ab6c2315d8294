/**
 * What there is to see in a test: a bridge here with two namespaces at it, a wire between these,
 * one without any. Until the end of the test.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import type { TestContext } from 'node:test';
import { ip } from '../../support/netns.ts';

/** Wires: of which namespace, its link, and the namespace and link at the far end. */
export const WIRES = [
  ['blue', 'eth0', '(this namespace)', 'vblue'],
  ['red', 'eth0', '(this namespace)', 'vred'],
  ['blue', 'to-red', 'red', 'to-blue'],
] as const;

export function smallHost(t: TestContext): void {
  t.after(() => ip('link', 'del', 'br0'));
  ip('link', 'add', 'br0', 'type', 'bridge');
  for (const name of ['blue', 'red', 'alone']) ip('netns', 'add', name);
  for (const name of ['blue', 'red']) {
    plug(name, 'eth0', `v${name}`);
    ip('link', 'set', `v${name}`, 'master', 'br0');
  }
  ip('-n', 'blue', 'link', 'add', 'to-red', 'type', 'veth', 'peer', 'name', 'to-blue', 'netns', 'red');
  // Their ends here go with their namespaces, which the kernel frees later.
  t.after(() => {
    for (const name of ['vblue', 'vred']) remove(name);
  });
}

/** A veth with one end here. */
export function plug(namespace: string, inside: string, here: string): void {
  ip('link', 'add', here, 'type', 'veth', 'peer', 'name', inside, 'netns', namespace);
}

/** A link of this namespace, if it is there. */
export function remove(name: string): void {
  try {
    ip('link', 'del', name);
  } catch {
    // It went with its other end.
  }
}

/** Turns links of this namespace up and down, a hundred times a second. @returns how often */
export async function churn(names: readonly string[], seconds: number): Promise<number> {
  const child = spawn('ip', ['-force', '-batch', '-'], { stdio: ['pipe', 'ignore', 'inherit'] });
  const exited = once(child, 'exit');
  const began = performance.now();
  let done = 0;
  for (; performance.now() - began < seconds * 1000; done++) {
    const name = names[done % names.length];
    const isUp = Math.floor(done / names.length) % 2 === 0;
    child.stdin.write(`link set ${name} ${isUp ? 'up' : 'down'}\n`);
    await setTimeout(Math.max(0, began + done * 10 - performance.now()));
  }
  child.stdin.end();
  await exited;
  return done;
}
