/**
 * The namespaces of a scratch table to which the kernel gave an nsid of its choice, since a link
 * led to them: it uses the lowest that is free again at once, so that their numbers are others.
 */
export class ChosenNsids {
  readonly #numbers = new Map<number, number>();
  readonly #nsids = new Map<number, number>();

  /** @returns the number */
  add(nsid: number, number: number): number {
    this.#numbers.set(nsid, number);
    this.#nsids.set(number, nsid);
    return number;
  }

  numberOf(nsid: number): number | undefined {
    return this.#numbers.get(nsid);
  }

  nsidOf(number: number): number | undefined {
    return this.#nsids.get(number);
  }

  /** The namespace with this number died. */
  delete(number: number): void {
    const nsid = this.#nsids.get(number);
    if (nsid === undefined) return;
    this.#nsids.delete(number);
    this.#numbers.delete(nsid);
  }
}
