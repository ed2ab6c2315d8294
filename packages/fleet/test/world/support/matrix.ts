/**
 * All faults with one version of nats-server, some of them side by side. A step of each waits for
 * what came of it.
 */
import { execFileSync } from 'node:child_process';
import { runtime } from '../../../../../test/world/support/ring.ts';
import { FAULTS } from './faults.ts';
import { tryFault } from './trial.ts';
import type { Outcome } from './trial.ts';

/** Most of them wait most of the time. */
const AT_ONCE = 4;

type Result = { outcome: Outcome } | { error: unknown };

/** @param name of the row in the table @param program path of the nats-server */
export function matrix(name: string, program: () => Promise<string>): void {
  const results = new Map<string, (result: Result) => void>();
  const waiting = new Map(
    FAULTS.map(({ title }) => [title, new Promise<Result>((resolve) => results.set(title, resolve))]),
  );
  let binary = '';

  async function work(faults: Iterator<(typeof FAULTS)[number]>): Promise<void> {
    for (let next = faults.next(); next.done !== true; next = faults.next()) {
      const { title } = next.value;
      try {
        results.get(title)?.({ outcome: await tryFault(next.value, binary) });
      } catch (error) {
        results.get(title)?.({ error });
      }
    }
  }

  runtime({
    name,
    version: async () => {
      binary = await program();
      return execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim().replace('nats-server: v', '');
    },
    begin: async () => {
      const faults = FAULTS.values();
      for (let worker = 0; worker < AT_ONCE; worker++) void work(faults);
    },
    steps: FAULTS.map(({ title }) => [
      title,
      async (note) => {
        const result = (await waiting.get(title)) as Result;
        if ('error' in result) throw result.error;
        const { recovery, resyncs, events, said } = result.outcome;
        note(`recovered after ${(recovery / 1000).toFixed(1)} s; ${events} events; ${resyncs.join(', ')}`);
        note(said.join('; '));
      },
    ]),
  });
}
