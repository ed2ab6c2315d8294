/**
 * Random operations on links between the test's namespace and others, followed by watchers whose
 * events are taken late, and compared with a full read at each pause.
 */
import { strict as assert } from 'node:assert';
import type { TestContext } from 'node:test';
import { Random } from '../../../support/random.ts';
import { LinkFollower, settle, takeSome } from './link-follower.ts';
import type { LinkPlayer } from './link-player.ts';

/** After so many pauses other watchers are opened, on what is there by then. */
const PAUSES_OF_WATCHERS = 10;
/** Operations before a pause at most. */
const MOST_STEPS = 30;

export interface RandomLinks {
  player: LinkPlayer;
  /** How many pauses. */
  pauses: number;
  seed: number;
  /** How long a graph may differ at a pause, in milliseconds. */
  patience: number;
}

/** What came of a pause: a graph is wrong if it still differed in the end. */
export interface Pause {
  /** Graphs that were compared. */
  compared: number;
  wrong: string[];
  /** What was done since the pause before, and what was told last. */
  story: string;
}

/** Goes on as long as the caller does. In a network namespace that is the test's own. */
async function* randomLinks(
  t: TestContext,
  { player, pauses, seed, patience }: RandomLinks,
): AsyncGenerator<Pause, void> {
  const steps = new Random(seed);
  let followers: LinkFollower[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(followers.map(({ watcher }) => watcher.stop()));
    followers = [];
  };
  t.after(stop);
  for (let pause = 0; pause < pauses; pause++) {
    if (pause % PAUSES_OF_WATCHERS === 0) {
      await stop();
      await player.forgetNames();
      followers = [
        // The least that it may keep waiting: it is held up whenever nobody takes its events.
        await LinkFollower.open({ bufferSize: 1 }),
        await LinkFollower.open({ unnamed: true }),
      ];
    }
    const { done, places } = await player.play(1 + steps.below(MOST_STEPS), (random) =>
      takeSome(followers, random),
    );
    const wrong = await settle(() => places, followers, patience);
    const told = followers.map(({ toldLast }) => toldLast).join('\n\n');
    const story = `seed ${seed}, pause ${pause}:\n${done.join('\n')}\n\ntold last:\n${told}`;
    yield { compared: followers.length, wrong, story };
  }
  await stop();
}

/**
 * Far longer than the kernel takes to settle (linkwatch tells a second later what became of a
 * carrier), far shorter than the time after which all is read again in any case. Milliseconds.
 */
const PATIENCE = 15_000;

/**
 * Fails at the first pause at which a graph is wrong.
 * @param play who does what happens
 */
export async function holdsAtEachPause(
  t: TestContext,
  pauses: number,
  seed: number,
  play: (t: TestContext, seed: number) => LinkPlayer | Promise<LinkPlayer>,
): Promise<void> {
  let compared = 0;
  const player = await play(t, seed);
  for await (const pause of randomLinks(t, { player, pauses, seed, patience: PATIENCE })) {
    compared += pause.compared;
    assert.deepEqual(pause.wrong, [], `${pause.wrong.join('\n')}\n${pause.story}`);
  }
  t.diagnostic(`${compared} comparisons`);
}
