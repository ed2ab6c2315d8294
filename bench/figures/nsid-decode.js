/**
 * How many notifications of namespace ids a second are turned from bytes into events, without a
 * kernel: as nlink does it with what it receives, and with the public function on datagrams of one
 * message and of many.
 */
import { median, shown, shownRatios } from '../lib/numbers.js';
import { script } from '../lib/peer.js';
import { missing, noneAhead, notMeasured, section, table, target } from '../lib/section.js';
import { hasNlink, hasPackage, hasProgram, program } from '../lib/tools.js';
import { inTurns, timeRatios } from '../lib/turns.js';

const TARGET_MILLIONS = 10;
/** Messages that every peer decodes each time, as in peers/nsid-decode/datagrams.js. */
const MESSAGES = 4096;
const MANY = 1024;
const SIZE = 250;
const TURNS = 10;
const WARM_UPS = 5;

function peers() {
  const c = (each) => ({ there: hasProgram('nsid-decode'), command: [program('nsid-decode'), String(each)] });
  const nlink = (name, ...args) => ({
    there: hasNlink(),
    command: script(`nsid-decode/${name}.js`, ...args),
  });
  const npm = (each) => ({
    there: hasPackage('netlink') && hasNlink(),
    command: script('nsid-decode/netlink.js', String(each)),
    size: SIZE / 25,
  });
  return [
    { name: 'c, one a datagram', each: 1, ...c(1) },
    { name: 'nlink, as received', each: 1, target: true, ...nlink('nlink-reader') },
    { name: 'decodeNsidEvents, one a datagram', each: 1, target: true, ...nlink('nlink', '1') },
    { name: 'npm netlink, one a datagram', each: 1, ...npm(1) },
    { name: `c, ${MANY} a datagram`, each: MANY, ...c(MANY) },
    {
      name: `decodeNsidEvents, ${MANY} a datagram`,
      each: MANY,
      target: true,
      ...nlink('nlink', String(MANY)),
    },
    { name: `npm netlink, ${MANY} a datagram`, each: MANY, ...npm(MANY) },
  ].map((peer) => ({ size: SIZE, ...peer }));
}

export async function nsidDecode({ rounds }) {
  const title = `${SIZE * MESSAGES} messages of 28 bytes a turn, ${rounds} rounds of ${TURNS} turns`;
  const all = peers();
  let results;
  try {
    results = await inTurns(
      all.filter((peer) => peer.there),
      rounds,
      TURNS,
      WARM_UPS,
    );
  } catch (error) {
    return notMeasured(title, error.message);
  }
  const reference = (each) => results.find((it) => it.each === each && it.name.startsWith('c,'));
  const millions = (it) => (1e3 * MESSAGES) / median(it.rounds);
  const of = (each, start) => results.filter((it) => it.each === each && it.name.startsWith(start));
  return section(title, {
    ...missing(all),
    tables: [
      table(
        'decoding',
        ['', 'ns a message', 'million a second', 'x c in time, by round'],
        results.map((it) => [
          it.name,
          shown(median(it.rounds) / MESSAGES, 1),
          shown(millions(it), 1),
          shownRatios(timeRatios(it, reference(it.each))),
        ]),
      ),
    ],
    targets: [
      ...all
        .filter((peer) => peer.target)
        .map(({ name }) => {
          const it = results.find((found) => found.name === name);
          return target(
            `${name}: at least ${TARGET_MILLIONS} million a second`,
            it === undefined ? null : millions(it) >= TARGET_MILLIONS,
          );
        }),
      noneAhead('one a datagram', of(1, 'nlink')[0], of(1, 'npm')),
      noneAhead(`${MANY} a datagram`, of(MANY, 'decodeNsidEvents')[0], of(MANY, 'npm')),
    ],
    measured: results.map(({ name, each, rounds: times }) => ({
      name,
      each,
      nanoseconds: times.map((time) => time / MESSAGES),
    })),
  });
}
