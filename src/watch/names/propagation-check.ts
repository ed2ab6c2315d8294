/**
 * Names that were held back for `readyTimeout`: before the watcher reports one as not ready, this
 * finds out why (netns/diagnosis/verdict.ts). That takes reading files, so the name waits for the
 * result.
 *
 * | a name is | event | next |
 * | --- | --- | --- |
 * | pending | a look past its deadline sees a fresh file | queued |
 * | queued | run | asked, with all that are queued |
 * | asked | the result | {@link PropagationCheck.mustWait} lets it pass; looked at again |
 * | passed, mounted elsewhere only | the process there ends | asked again |
 * | asked again | mounted elsewhere still | as before the end |
 * | asked again | mounted nowhere | `leftElsewhere`, looked at again |
 */
import type { Observation } from '../../netns/identity/observe.ts';
import type { NameDiagnosis } from '../../netns/diagnosis/name-diagnosis.ts';
import { reasonAfterWait } from '../../netns/diagnosis/verdict.ts';
import type { NameVerdict } from '../../netns/diagnosis/verdict.ts';
import type { WatchedName } from './name-states.ts';

/** Finds out why names are not ready, and says when a process that it found ends. */
export type Diagnosis = Pick<NameDiagnosis, 'diagnose'> & Partial<Pick<NameDiagnosis, 'onEnd'>>;

export class PropagationCheck {
  readonly #directory: string;
  readonly #diagnosis: Diagnosis;
  readonly #onResult: (records: WatchedName[]) => void;
  readonly #closing = new AbortController();
  readonly #running: Set<Promise<void>> = new Set();
  /** Names that are mounted elsewhere only, by a process there, and what stops following it. */
  readonly #followed = new Map<number, { records: WatchedName[]; stop: () => void }>();
  #queued: WatchedName[] = [];

  /**
   * @param onResult called with names that have a result now, and are to be looked at again
   */
  constructor(directory: string, diagnosis: Diagnosis, onResult: (records: WatchedName[]) => void) {
    this.#directory = directory;
    this.#diagnosis = diagnosis;
    this.#onResult = onResult;
  }

  /** Whether a name at which `seen` was seen has to wait for a result before it is reported. */
  mustWait(record: WatchedName, seen: Observation, now: number): boolean {
    const late = record.state === 'pending' && record.diagnosis === null && now >= record.deadline;
    if (!late || seen.kind !== 'file' || !seen.fresh) return false;
    record.deadline = Infinity;
    this.#queued.push(record);
    return true;
  }

  /** Asks for the names queued since the last call. */
  run(): void {
    if (this.#queued.length === 0) return;
    const records = this.#queued;
    this.#queued = [];
    const running = this.#diagnose(records).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Whether it waits for results. */
  get isRunning(): boolean {
    return this.#running.size > 0;
  }

  /** Stops asking. Resolves when nothing is left open. */
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
      // No verdict: the name is ready or gone by now, or nothing could be found out.
      const verdict = verdicts.get(record.name) ?? null;
      record.diagnosis = { reason: verdict === null ? 'timeout' : reasonAfterWait(verdict), verdict };
      record.deadline = 0;
      this.#follow(record, verdict);
    }
    this.#onResult(records);
  }

  /** Of a name that is mounted elsewhere only, the end is reported when no process has it there. */
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
      const running = this.#askAgain(records).finally(() => this.#running.delete(running));
      this.#running.add(running);
    });
    this.#followed.set(pid, { records: [record], stop });
  }

  async #askAgain(records: readonly WatchedName[]): Promise<void> {
    const names = records.map(({ name }) => name);
    const verdicts = await this.#diagnosis.diagnose(this.#directory, names, this.#closing.signal);
    if (this.#closing.signal.aborted) return;
    const left: WatchedName[] = [];
    for (const record of records) {
      const verdict = verdicts.get(record.name) ?? null;
      if (verdict === null || verdict.mountedIn.length > 0) this.#follow(record, verdict);
      else if (record.state !== 'ready') {
        record.leftElsewhere = true;
        left.push(record);
      }
    }
    if (left.length > 0) this.#onResult(left);
  }
}
