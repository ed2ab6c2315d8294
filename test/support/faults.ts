/** System calls that fail on demand, for tests of what is left behind when one of them does. */

/** A result for a call, or undefined to let it through. `count` is its number, from 1. */
export type Fault<Call = string> = (call: Call, count: number) => number | undefined;

/**
 * The same system calls, some of which fail. A close that fails has closed the descriptor all the
 * same, as on Linux (close(2)).
 * @returns the system, and the names of the calls that were made of it so far
 */
export function faulty<S extends object>(real: S, fault: Fault<keyof S>): { system: S; calls: (keyof S)[] } {
  const calls: (keyof S)[] = [];
  const system = new Proxy(real, {
    get(target, name) {
      const call = name as keyof S;
      const through = target[call] as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        calls.push(call);
        const result = fault(call, calls.length);
        if (result === undefined) return through(...args);
        if (call === 'close') through(...args);
        return result;
      };
    },
  });
  return { system, calls };
}

/** One call fails, the one of this number. */
export function failOnce(position: number, result: number): Fault {
  return (_, count) => (count === position ? result : undefined);
}
