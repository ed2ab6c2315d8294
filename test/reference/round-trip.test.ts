/**
 * When the thread leaves its namespace, and that it always comes back: over a system that is played
 * by a script.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { inNamespace } from '../../src/reference/round-trip.ts';
import { errno } from '../../src/sys/errno.ts';
import type { System } from '../../src/sys/system.ts';

const OWN = 10;
const STATUS = 11;
const OTHER = 20;

interface Script {
  /** Results of setns(OWN), one after the other; then 0. */
  own?: number[];
  enter?: number;
  status?: string;
}

/** What was called, and where the thread is. */
function play({ own = [], enter = 0, status = 'CapEff:\t000001ffffffffff\n' }: Script) {
  const log: string[] = [];
  const open = new Set<number>();
  let place: 'own' | 'other' = 'own';
  const leave = (): number => {
    if (enter === 0) place = 'other';
    return enter;
  };
  const system = {
    open(path: Uint8Array) {
      const fd = Buffer.from(path).toString().startsWith('/proc/thread-self/ns/net\0') ? OWN : STATUS;
      open.add(fd);
      return fd;
    },
    close(fd: number) {
      assert.ok(open.delete(fd), `closed ${fd} twice`);
      return 0;
    },
    read(fd: number, buffer: Uint8Array) {
      assert.equal(fd, STATUS);
      return Buffer.from(buffer.buffer).write(status);
    },
    setns(fd: number) {
      log.push(`setns ${fd}`);
      if (fd !== OWN) return leave();
      const result = own.shift() ?? 0;
      if (result === 0) place = 'own';
      return result;
    },
    unshare() {
      log.push('unshare');
      return leave();
    },
  };
  return { system: system as unknown as System, log, open, place: () => place };
}

test('there and back, in a new namespace and in another', () => {
  for (const [enter, call] of [
    ['new', 'unshare'],
    [OTHER, `setns ${OTHER}`],
  ] as const) {
    const { system, log, open, place } = play({});
    const result = inNamespace(system, enter, () => {
      log.push('work');
      return place();
    });
    assert.equal(result, 'other');
    assert.equal(place(), 'own');
    assert.deepEqual(log, [`setns ${OWN}`, call, 'work', `setns ${OWN}`]);
    assert.equal(open.size, 0);
  }
});

function fail(): never {
  throw new Error('at work');
}

test('back also after work that throws', () => {
  const { system, open, place } = play({});
  assert.throws(() => inNamespace(system, 'new', fail), /at work/);
  assert.equal(place(), 'own');
  assert.equal(open.size, 0);
});

const never = (): never => assert.fail('must not be called');

test('the way back is shut: refused before it leaves, with privilege and without', () => {
  const cases = [
    ['CapEff:\t0000000000200000\n', 'ERR_NLINK_NO_RETURN', /unshare -Urnm/],
    ['CapEff:\t000001ffffdfffff\n', 'EPERM', /CAP_SYS_ADMIN.*unshare -Urnm/],
    ['', 'EPERM', /CAP_SYS_ADMIN/],
  ] as const;
  for (const [status, code, message] of cases) {
    const { system, log, open } = play({ own: [-errno.EPERM], status });
    assert.throws(() => inNamespace(system, 'new', never), { code, message });
    assert.deepEqual(log, [`setns ${OWN}`]);
    assert.equal(open.size, 0);
  }
});

test('what cannot be entered: the error of the call, and nothing to come back from', () => {
  for (const [enter, number, code] of [
    ['new', errno.ENOSPC, 'ENOSPC'],
    [OTHER, errno.EINVAL, 'EINVAL'],
  ] as const) {
    const { system, open, place } = play({ enter: -number });
    assert.throws(() => inNamespace(system, enter, never), { code });
    assert.equal(place(), 'own');
    assert.equal(open.size, 0);
  }
});

test('coming back is tried again when memory is short', () => {
  const { system, log, place } = play({ own: [0, -errno.ENOMEM, -errno.EINTR, -errno.ENOMEM] });
  assert.equal(
    inNamespace(system, 'new', () => 5, never),
    5,
  );
  assert.equal(place(), 'own');
  assert.equal(log.filter((call) => call === `setns ${OWN}`).length, 5);
});

test('the process ends rather than go on in the wrong namespace', (t) => {
  const { system, open } = play({ own: [0, -errno.EPERM] });
  const abort = t.mock.fn((): never => {
    throw new Error('aborted');
  });
  assert.throws(() => inNamespace(system, 'new', () => 5, abort), /aborted/);
  assert.equal(abort.mock.callCount(), 1);
  assert.equal(open.size, 0);
});
