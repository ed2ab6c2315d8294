/**
 * The real system calls with one fault among them: the nth call of a kind, counted from when it is
 * armed, fails once. Keeps account of every descriptor that is given out, each of which is to be
 * closed once.
 */
import { strict as assert } from 'node:assert';
import type { TestContext } from 'node:test';
import { errno, systemError } from '../../src/sys/errno.ts';
import { netlinkSystem } from '../../src/sys/socket.ts';
import type { NetlinkSystem } from '../../src/sys/socket.ts';
import { withoutLeak } from './descriptors.ts';
import { DOCUMENTED, isLie, SHORTAGES } from './documented.ts';
import type { Call } from './documented.ts';

export interface Fault {
  call: Call;
  /** From 1. */
  nth: number;
  /** Such as `'EIO'`. */
  code: string;
  /** And all calls of the kind after it. */
  forGood?: boolean;
}

export const describeFault = ({ call, nth, code, forGood = false }: Fault): string =>
  `${call} ${nth}${forGood ? ' and all after it' : ''} fails with ${code}`;

const numberOf = (code: string): number => (errno as Record<string, number>)[code] ?? assert.fail(code);

/** Calls that give a descriptor. */
const OPENING: ReadonlySet<Call> = new Set([
  'openNamespace',
  'socketNamespace',
  'open',
  'inotifyInit',
  'epollCreate',
  'netlinkSocket',
]);

export class Injection {
  readonly system: NetlinkSystem;
  /** How often each was called since it was armed. */
  readonly counts: Map<Call, number> = new Map();
  /** Whether the fault has come. */
  struck = false;
  #fault: Fault | null = null;
  readonly #open = new Set<number>();
  readonly #wrong: string[] = [];

  constructor(real: NetlinkSystem = netlinkSystem()) {
    this.system = new Proxy(real, {
      get: (target, name) => {
        const call = name as Call;
        const through = target[call] as (...args: unknown[]) => unknown;
        return (...args: unknown[]) => this.#call(call, args, through);
      },
    });
  }

  /** Counts from now on; the fault comes when its turn is. */
  arm(fault: Fault | null): void {
    this.#fault = fault;
    this.counts.clear();
    this.struck = false;
  }

  /** Fails if a descriptor was left open, or closed that was not its own. */
  assertClosed(what: string): void {
    assert.deepEqual([...this.#open], [], `${what}: left open`);
    assert.deepEqual(this.#wrong, [], what);
  }

  #call(call: Call, args: unknown[], through: (...args: unknown[]) => unknown): unknown {
    const count = (this.counts.get(call) ?? 0) + 1;
    this.counts.set(call, count);
    const fault = this.#fault;
    const failing =
      fault?.call === call && (fault.nth === count || (fault.forGood === true && count > fault.nth));
    if (call === 'close') this.#closed(args[0] as number);
    if (failing) {
      this.struck = true;
      // Linux has closed it all the same (close(2)).
      if (call === 'close') through(...args);
      if (call === 'onReadable') throw systemError(numberOf(fault.code), 'epoll_ctl');
      return -numberOf(fault.code);
    }
    const result = through(...args);
    if (OPENING.has(call) && (result as number) >= 0) this.#open.add(result as number);
    return result;
  }

  #closed(fd: number): void {
    if (!this.#open.delete(fd)) this.#wrong.push(`closed ${fd}, which was not open`);
  }
}

/**
 * The faults that the calls of a run could have had.
 * @param counts of a run without a fault
 * @param much `'few'`: each error of each call at one position or other; `'many'`: beside that at
 *   each third position with one error or other; `'all'`: each error at each position
 */
export function faultsOf(counts: ReadonlyMap<Call, number>, much: Share): Fault[] {
  const faults: Fault[] = [];
  let turn = 0;
  for (const [call, count] of counts) {
    // What is below the seam makes an interrupted call again (sys/library.ts), but for close, which
    // it takes for done.
    const codes = (DOCUMENTED[call]?.errnos ?? []).filter((code) => code !== 'EINTR');
    if (codes.length === 0) continue;
    for (const [index, code] of codes.entries()) {
      for (let nth = 1; nth <= count; nth++) {
        const here = nth === 1 + ((turn * 7 + index * 3) % count);
        const inTurn = much === 'many' && nth % 3 === 0 && (nth / 3 + turn) % codes.length === index;
        if (much === 'all' || here || inTurn) faults.push({ call, nth, code });
      }
      turn++;
    }
  }
  return faults;
}

export type Share = 'few' | 'many' | 'all';

/**
 * Plays without a fault, and then once with each that the calls could have had: most of them come,
 * and no descriptor is left over.
 * @param play plays once, and gives the calls that it made
 * @param concerns whether to let a call fail; default all
 */
export async function playFaults(
  t: TestContext,
  injection: Injection,
  play: (fault: Fault | null) => Promise<ReadonlyMap<Call, number>>,
  much: Share,
  concerns: (call: Call) => boolean = () => true,
): Promise<void> {
  const counts = new Map([...(await play(null))].filter(([call]) => concerns(call)));
  const faults = faultsOf(counts, much);
  let struck = 0;
  await withoutLeak(async () => {
    for (const fault of faults) {
      await play(fault);
      if (injection.struck) struck++;
    }
  });
  t.diagnostic(`${struck} of ${faults.length} came; calls ${JSON.stringify([...counts])}`);
  assert(struck > faults.length / 2, `only ${struck} of ${faults.length} came`);
}

/** Fails unless an error says what failed and how: typed, by the call that it was. */
export function assertTyped(error: unknown, fault: Fault, what: string): void {
  const { code, syscall, message } = error as { code?: string; syscall?: string; message?: string };
  const { syscalls = [], codes = [] } = DOCUMENTED[fault.call] ?? {};
  if (syscall === undefined) assert(codes.includes(code ?? ''), `${what}: ${code} ${message}`);
  else {
    assert.equal(code, fault.code, `${what}: ${message}`);
    assert(syscalls.includes(syscall), `${what}: ${message}`);
  }
}

/** What a fault must not do to whoever watches: end it, for what passes. */
export function mayEnd({ call, code }: Fault): boolean {
  return !SHORTAGES.has(code) && !isLie(call, code);
}

/** In the slow ring: NLINK_FAULTS is `all`, or it is `'many'`. */
export const muchAsked = (): Share => (process.env['NLINK_FAULTS'] === 'all' ? 'all' : 'many');
