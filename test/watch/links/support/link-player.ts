/**
 * Who does random things to links while watchers follow: this process, which has its turns with
 * them, or another one, at any moment, also between two answers of the kernel.
 */
import { spawn } from 'node:child_process';
import type { TestContext } from 'node:test';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { converse } from '../../../support/child.ts';
import { Random } from '../../../support/random.ts';
import { LinkHost } from './link-host.ts';
import type { PlaceView } from './link-host.ts';
import { operate, startOperations } from './link-operations.ts';

/** What was done, and the namespaces that there are then. */
export interface Played {
  done: string[];
  places: readonly PlaceView[];
}

export interface LinkPlayer {
  /**
   * Does so many things.
   * @param meanwhile called in between, with what it may find random
   */
  play(steps: number, meanwhile: (random: Random) => void): Promise<Played>;
  /** Whoever begins to watch now knows of no name that was there before. */
  forgetNames(): Promise<void>;
}

const FORGET = 'forget names';

/** In this process. */
export function playHere(t: Pick<TestContext, 'after'>, seed: number): LinkPlayer {
  const random = new Random(seed);
  const host = new LinkHost(t);
  startOperations(host);
  return {
    async play(steps, meanwhile) {
      const done: string[] = [];
      for (let step = 0; step < steps; step++) {
        done.push(await operate(host, random));
        meanwhile(random);
        const pause = random.below(10);
        if (pause < 2) await setImmediate();
        else if (pause < 4) await setTimeout(random.below(25));
      }
      return { done, places: host.places.map(viewOf) };
    },
    forgetNames() {
      host.forgetNames();
      return Promise.resolve();
    },
  };
}

const program = fileURLToPath(new URL('../fixtures/play-links.js', import.meta.url));

/** In another one. What happens when is nobody's choice. */
export async function playElsewhere(t: TestContext, seed: number): Promise<LinkPlayer> {
  const random = new Random(seed);
  const child = spawn(process.execPath, [program, String(seed)], { stdio: 'pipe' });
  const player = await converse(t, child);
  return {
    async play(steps, meanwhile) {
      const playing = player.ask(String(steps));
      const end = playing.then(() => 'end' as const);
      do meanwhile(random);
      while ((await Promise.race([end, setTimeout(random.below(15))])) !== 'end');
      return (await playing) as Played;
    },
    async forgetNames() {
      await player.ask(FORGET);
    },
  };
}

/** Answers the lines of {@link playElsewhere}. */
export async function answerPlayer(player: LinkPlayer, line: string): Promise<Played | null> {
  if (line !== FORGET) return player.play(Number(line), () => {});
  await player.forgetNames();
  return null;
}

const viewOf = ({ label, hold, path, isLingering }: PlaceView): PlaceView => ({
  label,
  hold,
  path,
  isLingering,
});
