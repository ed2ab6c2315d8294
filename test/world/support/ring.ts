/**
 * One runtime: whether it can run on this machine, and then its steps, each a subtest. What came of
 * them is a row of the table that scripts/world.js prints. A runtime that cannot run here is a
 * skipped test and is told as such: not a pass.
 */
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

export interface Runtime {
  readonly name: string;
  /**
   * The runtime's word for its version, with its parts and how it was set up where that matters.
   */
  version(): Promise<string>;
  /**
   * Starts what is needed and does its simplest work; throws with the runtime's reason where that
   * cannot be done here.
   */
  begin(): Promise<void>;
  /** Ends what would keep this process alive; the rest ends with the sandbox. */
  end?(): Promise<void>;
  readonly steps: readonly Step[];
}

export type Step = readonly [title: string, run: (note: Note, t: TestContext) => Promise<void>];

/** Says what was measured: for the table, never a condition of passing. */
export type Note = (text: string) => void;

interface Row {
  file: string;
  runtime: string;
  version: string;
  cannotRun?: string;
  steps: { title: string; passed: boolean; notes: string[] }[];
}

export function runtime(what: Runtime): void {
  const file = basename(process.argv[1] ?? '', '.js');
  const row: Row = { file, runtime: what.name, version: '', steps: [] };
  test(what.name, async (t) => {
    try {
      row.version = await what.version();
      await what.begin();
    } catch (error) {
      row.cannotRun = lastLine(error);
      tell(row);
      await what.end?.();
      t.skip(`cannot run here: ${row.cannotRun}`);
      return;
    }
    try {
      for (const [title, run] of what.steps) await t.test(title, (step) => carryOut(row, title, run, step));
    } finally {
      tell(row);
      await what.end?.();
    }
  });
}

async function carryOut(row: Row, title: string, run: Step[1], t: TestContext): Promise<void> {
  const step = { title, passed: false, notes: [] as string[] };
  row.steps.push(step);
  await run((text) => {
    step.notes.push(text);
    t.diagnostic(text);
  }, t);
  step.passed = true;
}

function tell(row: Row): void {
  const directory = process.env['NLINK_WORLD_RESULTS'];
  if (directory !== undefined) writeFileSync(join(directory, `${row.file}.json`), JSON.stringify(row));
}

function lastLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim().split('\n').slice(-2).join(' ');
}
