/** What was measured in a storm, as tables, beside the targets. */
import { median, printTable, printTarget, shown, shownRatios } from '../lib/numbers.js';

const TARGET_RATIO = 1.5;

const middle = (runs, key) => median(runs.map((run) => run[key]));
const lossOf = (found) => (found.missed === 0 ? 'none' : found.losses > 0 ? 'declared' : 'SILENT');

/** Prints the results; gives back what is worth keeping. */
export function report(there, absent, pairs) {
  const reference = there.find((peer) => peer.name === 'c-read');
  const ratios = (runs, kind, key) =>
    reference === undefined ? [] : runs.map((run, round) => run[key] / reference[kind][round][key]);
  const results = there.map(({ name, check: found, overrun: over, live: liveRuns, drain: drainRuns }) => ({
    name,
    check: found ?? null,
    overrun: over ?? null,
    live: liveRuns,
    drain: drainRuns,
    ratios: {
      live: ratios(liveRuns, 'live', 'cpu'),
      drain: ratios(drainRuns, 'drain', 'cpu'),
      warm: ratios(drainRuns, 'drain', 'warm'),
    },
  }));

  console.log(`  what was told of ${2 * pairs} events`);
  const checked = results.filter((it) => it.check !== null);
  printTable(
    ['', 'seen', 'missed', 'doubled', 'out of order', 'loss', 'overrun: seen', 'missed', 'loss'],
    checked.map(({ name, check: found, overrun: over }) => [
      name,
      found.seen,
      found.missed,
      found.doubled,
      found.disordered,
      lossOf(found),
      over.seen,
      over.missed,
      lossOf(over),
    ]),
  );
  const rate = median(results.flatMap((it) => it.live.map((run) => run.rate)));
  console.log(`  live, ${shown(rate / 1000)} thousand events a second: CPU µs an event (user + system)`);
  printTable(
    ['', 'CPU', 'x c-read, by round', 'told, least', 'sleeps', 'RSS before, MB', 'RSS peak, MB'],
    results.map(({ name, live: runs, ratios }) => [
      name,
      shown(middle(runs, 'cpu'), 2),
      shownRatios(ratios.live),
      runs.some((run) => run.told === null) ? '-' : Math.min(...runs.map((run) => run.told)),
      shown(middle(runs, 'sleeps')),
      ...['rssBefore', 'peakRss'].map((key) => shown(middle(runs, key) / 1024, 1)),
    ]),
  );
  console.log('  drain, queued events read at once: CPU µs an event');
  printTable(
    ['', 'all', 'x c-read, by round', 'first drain', 'warm', 'x c-read, by round'],
    results.map(({ name, drain: runs, ratios }) => [
      name,
      shown(middle(runs, 'cpu'), 3),
      shownRatios(ratios.drain),
      shown(middle(runs, 'first'), 3),
      shown(middle(runs, 'warm'), 3),
      shownRatios(ratios.warm),
    ]),
  );
  for (const { name } of absent) console.log(`  ${name} is absent`);

  const nlink = results.find((it) => it.name === 'nlink');
  const silent = nlink && [nlink.check, nlink.overrun].some((found) => lossOf(found) === 'SILENT');
  printTarget('all events or a declared loss, nothing silent', nlink ? !silent : null);
  printTarget(
    `live: at most ${TARGET_RATIO} x c-read`,
    nlink ? median(nlink.ratios.live) <= TARGET_RATIO : null,
  );
  printTarget(
    `drain: at most ${TARGET_RATIO} x c-read`,
    nlink ? median(nlink.ratios.drain) <= TARGET_RATIO : null,
  );
  for (const name of ['fs.watch', 'ip netns monitor']) {
    const other = results.find((it) => it.name === name);
    const below = nlink && other ? middle(nlink.live, 'cpu') < middle(other.live, 'cpu') : null;
    printTarget(`live: below ${name}`, below);
  }
  return results;
}
