/**
 * Asks for and assigns the nsid of what a reference stands for. A name or path is opened for the
 * request; a descriptor or process is passed to the kernel as it is.
 */
import { invalidArgument } from '../errors.ts';
import { checkReference, openNamespace, referenceName, whole } from '../reference/reference.ts';
import type { CheckedReference, NamespaceReference } from '../reference/reference.ts';
import type { SystemError } from '../sys/errno.ts';
import { isShortage } from '../sys/shortage.ts';
import type { NetlinkSystem } from '../sys/socket.ts';
import { NETNSA_FD, NETNSA_PID } from './constants.ts';
import type { NetlinkError } from './netlink-error.ts';
import { NsidAssignment, NsidQueries, NsidQuery } from './nsid-query.ts';
import type { Requester } from './requester.ts';

/** An nsid, null for none, or why it could not be asked for. */
export type NsidOrError = number | null | NetlinkError | SystemError;

/** What a request calls a namespace. */
interface Meant {
  attribute: number;
  value: number;
}

export class NsidsByReference {
  readonly #system: NetlinkSystem;
  readonly #requester: Requester;
  readonly #directory: string | undefined;
  #query = new NsidQuery();

  /** @param directory where names are looked up, as the option of that name */
  constructor(system: NetlinkSystem, requester: Requester, directory: string | undefined) {
    this.#system = system;
    this.#requester = requester;
    this.#directory = directory;
  }

  /**
   * No async function: for a process or descriptor that would cost as much again as the system
   * calls.
   */
  get(reference: NamespaceReference): Promise<number | null> {
    try {
      const checked = checkReference('reference', reference, this.#directory);
      if ('path' in checked) return this.#getOpened(checked);
      const { attribute, value } = meantBy(checked);
      const query = this.#query.of(attribute, value);
      const answer = this.#requester.exchange(query);
      if (!(answer instanceof Promise)) return Promise.resolve(answer);
      // It still waits, or is queued: the next question needs another one.
      this.#query = new NsidQuery();
      return answer;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** One answer for each reference, in order. */
  async getMany(references: readonly NamespaceReference[]): Promise<NsidOrError[]> {
    if (!Array.isArray(references)) throw invalidArgument('references', 'an array of references', references);
    // Unlike map(), this does not leave out what an array lacks.
    const checked = Array.from(references, (reference, index) =>
      checkReference(`references[${index}]`, reference, this.#directory),
    );
    const answers: NsidOrError[] = [];
    while (answers.length < checked.length) await this.#askBatch(checked, answers);
    return answers;
  }

  /** Assigns an nsid. @returns the nsid */
  async set(target: NamespaceReference, nsid: number | 'auto'): Promise<number> {
    const reference = checkReference('target', target, this.#directory);
    const wanted = nsid === 'auto' ? nsid : whole("nsid (a number, or 'auto')", nsid, 0);
    const subject = referenceName(reference);
    if (!('path' in reference)) return this.#assign(meantBy(reference), wanted, subject);
    const fd = openNamespace(this.#system, reference.path);
    try {
      return await this.#assign({ attribute: NETNSA_FD, value: fd }, wanted, subject);
    } finally {
      this.#system.close(fd);
    }
  }

  async #getOpened({ path }: { path: string }): Promise<number | null> {
    const fd = openNamespace(this.#system, path);
    try {
      return await this.#requester.exchange(new NsidQuery().of(NETNSA_FD, fd, path));
    } finally {
      this.#system.close(fd);
    }
  }

  /** @param subject what a refusal calls it */
  async #assign({ attribute, value }: Meant, nsid: number | 'auto', subject: string): Promise<number> {
    await this.#requester.exchange(new NsidAssignment(attribute, value, nsid, subject));
    if (nsid !== 'auto') return nsid;
    const assigned = await this.#requester.exchange(new NsidQuery().of(attribute, value, subject));
    // It was assigned a moment ago, and is never taken away while the namespace lives.
    return assigned as number;
  }

  /**
   * Adds answers for the next references: as many as may be asked for together, or opened at once.
   */
  async #askBatch(references: readonly CheckedReference[], answers: NsidOrError[]): Promise<void> {
    const opened: number[] = [];
    const attributes: number[] = [];
    const values: number[] = [];
    /** Where each answer belongs. */
    const places: number[] = [];
    const most = this.#requester.batch;
    try {
      for (let index = answers.length; index < references.length && values.length < most; index++) {
        const reference = references[index] as CheckedReference;
        try {
          const { attribute, value } = this.#meant(reference, opened);
          attributes.push(attribute);
          values.push(value);
          places.push(index);
          answers.push(null);
        } catch (error) {
          // No descriptor left: those that are open are asked for first, and then closed.
          if (opened.length > 0 && isShortage((error as SystemError).errno)) break;
          answers.push(error as SystemError);
        }
      }
      if (values.length === 0) return;
      const subjectAt = (at: number): string =>
        referenceName(references[places[at] as number] as CheckedReference);
      const found = await this.#requester.exchange(new NsidQueries(attributes, values, subjectAt));
      for (let at = 0; at < places.length; at++)
        answers[places[at] as number] = found[at] as number | null | NetlinkError;
    } finally {
      for (const fd of opened) this.#system.close(fd);
    }
  }

  /**
   * What stands for the reference in a request. What has to be opened for it is added to `opened`.
   */
  #meant(reference: CheckedReference, opened: number[]): Meant {
    if (!('path' in reference)) return meantBy(reference);
    const fd = openNamespace(this.#system, reference.path);
    opened.push(fd);
    return { attribute: NETNSA_FD, value: fd };
  }
}

function meantBy(reference: Exclude<CheckedReference, { path: string }>): Meant {
  return 'fd' in reference
    ? { attribute: NETNSA_FD, value: reference.fd }
    : { attribute: NETNSA_PID, value: reference.pid };
}
