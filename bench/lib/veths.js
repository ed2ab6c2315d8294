/** Pairs of virtual Ethernet devices, for the figures about links. veth(4), ip-link(8). */
import { writeFileSync } from 'node:fs';
import { Peer, run } from './peer.js';
import { program } from './tools.js';

/** Runs commands of ip(8) in one process, as `ip -batch`. */
export async function ipBatch(lines) {
  const path = '/run/ip-batch';
  writeFileSync(path, `${lines.join('\n')}\n`);
  await run(['ip', '-batch', path]);
}

/** Joins each of the namespaces of c/adder.c with this one: `eth0` there, `vN` here. */
export const joinAll = (count) =>
  ipBatch(
    Array.from({ length: count }, (_, at) => `link add v${at} type veth peer name eth0 netns added-${at}`),
  );

/** Makes pairs between the namespaces of c/adder.c, by c/veth-maker.c. */
export class VethMaker {
  #peer;
  #next = 0;

  static async start(directory, namespaces) {
    const maker = new VethMaker();
    maker.#peer = new Peer([program('veth-maker'), directory, String(namespaces)]);
    await maker.#peer.ready();
    return maker;
  }

  /**
   * Makes some.
   * @returns the number of the first, and nanoseconds: when it was asked for, when the last was made
   */
  async make(count) {
    const first = this.#next;
    this.#next += count;
    const [before, after] = (await this.#peer.turn(`${first} ${count}`)).trim().split(' ').map(Number);
    return { first, before, after };
  }

  finish() {
    return this.#peer.finish();
  }
}
