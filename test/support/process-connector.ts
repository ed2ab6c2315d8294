/**
 * The first network namespace, where alone the process connector is: by a process outside of the
 * sandbox, where there is one that may be entered.
 */
import './sandbox.ts';
import { strict as assert } from 'node:assert';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { ProcessHints } from '../../src/netlink/process-hints.ts';
import type { SocketLocation } from '../../src/netlink/raw-socket.ts';
import { netlinkSystem } from '../../src/sys/socket.ts';

/** Processes that started this one, from the nearest on. */
function ancestors(): number[] {
  const found: number[] = [];
  for (let pid = process.pid; pid > 0; pid = parentOf(pid)) found.push(pid);
  return found;
}

const parentOf = (pid: number): number =>
  Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);

/** Whether it is in the first network namespace, which has this file (`cn_init`), and may be entered. */
function isWayThere(pid: number): boolean {
  try {
    readlinkSync(`/proc/${pid}/ns/net`);
    return existsSync(`/proc/${pid}/net/connector`);
  } catch {
    return false;
  }
}

/** A process that is there; undefined: none may be entered. */
export const way: number | undefined = ancestors().find(isWayThere);
/** There, or here. */
export const connectorPlace: SocketLocation = way === undefined ? {} : { namespace: { pid: way } };
const probe = ProcessHints.open(netlinkSystem(), connectorPlace);
/** Why nobody can listen there: null: one can. */
const refusal = 'refused' in probe ? probe.refused : null;
if (probe instanceof ProcessHints) probe.close();

/** A test that listens there; where nobody can, that it is refused, and always for one reason. */
export function connectorTest(name: string, body: (t: TestContext) => Promise<void> | void): void {
  test(name, async (t) => {
    if (refusal === null) return body(t);
    const hints = ProcessHints.open(netlinkSystem(), connectorPlace);
    assert('refused' in hints);
    assert.equal(hints.refused, refusal);
  });
}
