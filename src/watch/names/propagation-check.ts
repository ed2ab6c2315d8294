/**
 * Names that were held back as long as `readyTimeout` allows: before they are told of as not ready,
 * it is asked why (netns/diagnosis/verdict.ts). That takes reading files, so they wait for the
 * answer.
 */
import type { Observation } from '../../netns/identity/observe.ts';
import type { NameDiagnosis } from '../../netns/diagnosis/name-diagnosis.ts';
import { reasonAfterWait } from '../../netns/diagnosis/verdict.ts';
import type { NameVerdict } from '../../netns/diagnosis/verdict.ts';
import type { WatchedName } from './name-states.ts';

/** Finds out why names are not ready, and follows the processes that it found. */
export type Diagnosis = Pick<NameDiagnosis, 'diagnose'> & Partial<Pick<NameDiagnosis, 'onEnd'>>;

export class PropagationCheck {
  readonly #directory: string;
  readonly #diagnosis: Diagnosis;
  readonly #answered: (records: WatchedName[]) => void;
  readonly #closing = new AbortController();
  readonly #running: Set<Promise<void>> = new Set();
  /** Names that are mounted elsewhere only, by a process there; and what ends waiting for that. */
  readonly #followed = new Map<number, { records: WatchedName[]; stop: () => void }>();
  #waiting: WatchedName[] = [];

  /**
   * @param answered called with names whose `diagnosis` is known now, and which are to be looked at
   * again
   */
  constructor(directory: string, diagnosis: Diagnosis, answered: (records: WatchedName[]) => void) {
    this.#directory = directory;
    this.#diagnosis = diagnosis;
    this.#answered = answered;
  }

  /** Whether a name in which `seen` was seen has to wait for an answer before it is told of. */
  holds(record: WatchedName, seen: Observation, now: number): boolean {
    const late = record.state === 'pending' && record.diagnosis === null && now >= record.deadline;
    if (!late || seen.kind !== 'file' || !seen.fresh) return false;
    record.deadline = Infinity;
    this.#waiting.push(record);
    return true;
  }

  /** Asks for the names held since the last call. */
  ask(): void {
    if (this.#waiting.length === 0) return;
    const records = this.#waiting;
    this.#waiting = [];
    const running = this.#diagnose(records).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Stops asking. Resolves when nothing of it is left open. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const { stop } of this.#followed.values()) stop();
    this.#followed.clear();
    await Promise.all(this.#running);
  }

  async #diagnose(records: WatchedName[]): Promise<void> {
    const names = records.map(({ name }) => name);
    const verdicts = await this.#diagnosis.diagnose(this.#directory, names, this.#closing.signal);
    if (this.#closing.signal.aborted) return;
    for (const record of records) {
      // None: it is ready or gone by now, or nothing could be found out.
      const verdict = verdicts.get(record.name) ?? null;
      record.diagnosis = { reason: verdict === null ? 'timeout' : reasonAfterWait(verdict), verdict };
      record.deadline = 0;
      this.#follow(record, verdict);
    }
    this.#answered(records);
  }

  /** Where a name is mounted elsewhere only, its end is told when nobody has it there any more. */
  #follow(record: WatchedName, verdict: NameVerdict | null): void {
    const pid = verdict?.mountedIn.find((place) => place.pid !== null)?.pid ?? null;
    if (pid === null || this.#diagnosis.onEnd === undefined) return;
    const known = this.#followed.get(pid);
    if (known !== undefined) {
      known.records = [...known.records.filter((one) => one.state !== 'ready'), record];
      return;
    }
    const stop = this.#diagnosis.onEnd(pid, () => {
      const records = (this.#followed.get(pid)?.records ?? []).filter((one) => one.state !== 'ready');
      this.#followed.delete(pid);
      const running = this.#lookAgain(records).finally(() => this.#running.delete(running));
      this.#running.add(running);
    });
    this.#followed.set(pid, { records: [record], stop });
  }

  async #lookAgain(records: readonly WatchedName[]): Promise<void> {
    const names = records.map(({ name }) => name);
    const verdicts = await this.#diagnosis.diagnose(this.#directory, names, this.#closing.signal);
    if (this.#closing.signal.aborted) return;
    const left: WatchedName[] = [];
    for (const record of records) {
      const verdict = verdicts.get(record.name) ?? null;
      if (verdict === null || verdict.mountedIn.length > 0) this.#follow(record, verdict);
      else if (record.state !== 'ready') {
        record.left = true;
        left.push(record);
      }
    }
    if (left.length > 0) this.#answered(left);
  }
}
