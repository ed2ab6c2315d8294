/**
 * Ids come, go and change hands while a subscriber opens, before and after each of its questions to
 * the kernel: the snapshot and the events after it come to what is, wherever that falls. The same
 * on kernels that cannot be asked about a single id (before Linux 5.0).
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { netlinkSystem } from '../../../src/sys/socket.ts';
import type { NetlinkSystem } from '../../../src/sys/socket.ts';
import { systemClock } from '../../../src/watch/stream/clock.ts';
import { AtOnce } from './same-tick.ts';
import { NsidReplay } from '../support/nsid-replay.ts';
import { freshTable, makeNamespaces } from '../../support/nsids.ts';
import { withoutQuestionsById } from '../../support/old-kernels.ts';

/**
 * Where in its opening a subscriber is: the number of a question, and whether it was answered by
 * then.
 */
interface Moment {
  question: number;
  when: 'before' | 'after';
}

/** Lets something happen before and after each question; counts them. */
function interrupted(
  system: NetlinkSystem,
  happen: (moment: Moment) => void,
): { system: NetlinkSystem; questions: () => number } {
  let asked = 0;
  return {
    questions: () => asked,
    system: {
      ...system,
      send(fd, bytes, length) {
        const question = asked++;
        happen({ question, when: 'before' });
        const result = system.send(fd, bytes, length);
        happen({ question, when: 'after' });
        return result;
      },
    },
  };
}

/**
 * What happens, to namespaces of which the first has the id 5 by then; and which ids there are in
 * the end.
 */
const happenings: Record<string, { happen: (at: AtOnce, paths: string[]) => void; left: number[] }> = {
  'an id is assigned': {
    happen: (at, [, b = '']) => at.assign(b, 6),
    left: [5, 6],
  },
  'an id ends': {
    happen: (at, [a = '']) => at.destroy(a, 5),
    left: [],
  },
  'an id comes and goes': {
    happen(at, [, b = '']) {
      at.assign(b, 6);
      at.destroy(b, 6);
    },
    left: [5],
  },
  'an id changes hands': {
    happen(at, [a = '', b = '']) {
      at.destroy(a, 5);
      at.assign(b, 5);
    },
    left: [5],
  },
  'an id changes hands, and ends': {
    happen(at, [a = '', b = '']) {
      at.destroy(a, 5);
      at.assign(b, 5);
      at.destroy(b, 5);
    },
    left: [],
  },
};

/**
 * Opens a subscriber and lets something happen at one moment. @returns how many questions it asked
 */
async function open(t: TestContext, kernel: NetlinkSystem, moment: Moment, what: string): Promise<number> {
  freshTable(t);
  const { happen, left } = happenings[what] as (typeof happenings)[string];
  const paths = makeNamespaces(3);
  const at = new AtOnce(t);
  at.assign(paths[0] as string, 5);
  at.assign(paths[2] as string, 9);
  let happened = false;
  const happenOnce = (): void => {
    if (!happened) happen(at, paths);
    happened = true;
  };
  const { system, questions } = interrupted(kernel, ({ question, when }) => {
    // So that there is something to ask about, whatever else happens.
    if (question === 0 && when === 'before') at.destroy(paths[2] as string, 9);
    if (question === moment.question && when === moment.when) happenOnce();
  });
  const replay = await NsidReplay.open(t, {}, { system, clock: systemClock });
  const asked = questions();
  // What ends meanwhile makes it ask once more; where nothing did, that moment does not come.
  happenOnce();
  await replay.settleAt(...left);
  return asked;
}

for (const [kernel, system] of [
  ['this kernel', netlinkSystem],
  ['before Linux 5.0', withoutQuestionsById],
] as const) {
  for (const what of Object.keys(happenings)) {
    // Fails if what the listing has seen is told after it, or if what it has not seen is never
    // told.
    test(`${kernel}: ${what} while it opens`, async (t) => {
      let questions = 1;
      for (let question = 0; question < questions; question++) {
        for (const when of ['before', 'after'] as const) {
          await t.test(`${when} question ${question + 1}`, async (t) => {
            questions = Math.max(questions, await open(t, system(), { question, when }, what));
          });
        }
      }
      assert(questions > 2);
    });
  }
}
