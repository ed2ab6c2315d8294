/**
 * Figures of programs that work on demand (peers/turns.js, and the C programs that do the same):
 * all are started, and then they take short turns, one at a time, so that what disturbs the machine
 * disturbs all alike.
 */
import { median } from './numbers.js';
import { endAll, Peer } from './peer.js';

/**
 * Lets peers take turns.
 * @param peers each with `command` and `size`, how often it does its work in a turn; left out from
 *   then on when one fails
 * @returns for each peer: nanoseconds of one time of its work, by round, and what came of the last
 *   turn
 */
export async function inTurns(peers, rounds, turnsOfARound, warmUps) {
  const running = [];
  for (const it of peers) {
    const process = new Peer(it.command);
    running.push({ it, process, rounds: [], result: null });
    await process.ready();
  }
  const turn = async ({ it, process }) => {
    const [nanoseconds, result] = (await process.turn(it.size)).trim().split(' ');
    return { each: Number(nanoseconds) / it.size, result };
  };
  try {
    for (const one of running) for (let at = 0; at < warmUps; at++) await turn(one);
    for (let round = 0; round < rounds; round++) {
      const taken = running.map(() => []);
      for (let at = 0; at < turnsOfARound; at++) {
        for (let next = 0; next < running.length; next++) {
          const index = (next + at) % running.length;
          const { each, result } = await turn(running[index]);
          taken[index].push(each);
          running[index].result = result;
        }
      }
      for (const [index, times] of taken.entries()) running[index].rounds.push(median(times));
    }
    for (const { process } of running) await process.finish();
  } catch (error) {
    await endAll();
    throw error;
  }
  return running.map(({ it, rounds: times, result }) => ({ ...it, rounds: times, result }));
}

/** How many times as quick as `reference` a peer was, round by round. */
export const speedRatios = (it, reference) =>
  reference === undefined ? [] : it.rounds.map((time, round) => reference.rounds[round] / time);

/** How many times the time of `reference` a peer took, round by round. */
export const timeRatios = (it, reference) =>
  reference === undefined ? [] : it.rounds.map((time, round) => time / reference.rounds[round]);

/** The median of ratios, or null where there are none: not measured. */
export const middleOf = (ratios) => (ratios.length === 0 ? null : median(ratios));
