/**
 * What a scrape of the metrics of many namespaces costs, each with `lo` and one end of a veth:
 * beside what people do today, one `ip -n NAME -s -json link` for each name, or one node_exporter.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { withNamespaces } from '../lib/nsids.js';
import { median, shown, shownRatios } from '../lib/numbers.js';
import { Peer, run, script } from '../lib/peer.js';
import { atMost, missing, notMeasured, section, table, target } from '../lib/section.js';
import { hasCommand, hasProgram } from '../lib/tools.js';
import { joinAll } from '../lib/veths.js';

const NAMESPACES = 500;
/** Turns of a round, of those that are quick, and turns before anything is counted. */
const TURNS = 5;
const WARM_UPS = 20;
/** Milliseconds of CPU at most, and the part of that of `ip`. */
const MOST = 60;
const MOST_OF_IP = 0.02;
/** So many namespaces a node_exporter is started in: the rest would take as long, each. */
const SAMPLE = 20;
const NLINK = 'nlink';
const IP = 'ip -n NAME -s -json link, each';
const EXPORTER = 'node_exporter by nsenter, each';
const EXPORTER_COMMAND = 'prometheus-node-exporter';
const MODULE = fileURLToPath(new URL('../../build/src/serve/metrics/metrics.js', import.meta.url));

/** Starts a node_exporter with nothing but the counters of links, scrapes it once, and stops it. */
const exporterLoop = (directory) => `
for number in $(seq 0 ${SAMPLE - 1}); do
  nsenter --net="${directory}/added-$number" sh -c '
    ${EXPORTER_COMMAND} --collector.disable-defaults --collector.netdev --web.disable-exporter-metrics \
      --web.listen-address=127.0.0.1:9100 & exporter=$!
    until curl -sf http://127.0.0.1:9100/metrics; do sleep 0.05; done
    kill $exporter
    wait $exporter' 2>/dev/null
done
true`;

function peers(directory, size) {
  const nlink = (format) => ({
    there: existsSync(MODULE),
    command: script('metrics/nlink.js', directory, format),
  });
  const each = `for name in ${directory}/*; do ip -n "\${name##*/}" -s -json link; done`;
  const ip = script('process-scan/command.js', 'sh', '-c', each);
  return [
    { name: NLINK, ...nlink('text'), turns: TURNS, warmUps: WARM_UPS },
    { name: 'nlink, OpenMetrics and gzip', ...nlink('gzip'), turns: TURNS, warmUps: WARM_UPS },
    { name: 'nlink, first of a process', ...nlink('text'), turns: 1, warmUps: 0, fresh: true },
    { name: IP, there: hasCommand('ip'), command: ip, turns: 1, warmUps: 0 },
    {
      name: EXPORTER,
      there: [EXPORTER_COMMAND, 'nsenter', 'curl'].every(hasCommand) && size >= SAMPLE,
      command: script('process-scan/command.js', 'sh', '-c', exporterLoop(directory)),
      turns: 1,
      warmUps: 0,
      times: size / SAMPLE,
    },
  ];
}

/** Milliseconds of CPU by round, of each. */
async function measure(all, rounds) {
  const running = all.map((it) => ({ it, peer: null, milliseconds: [], found: '' }));
  const start = async (one) => {
    one.peer = new Peer(one.it.command);
    await one.peer.ready();
    for (let at = 0; at < one.it.warmUps; at++) await one.peer.turn(1);
  };
  for (let round = 0; round < rounds; round++)
    for (let next = 0; next < running.length; next++) {
      const one = running[(next + round) % running.length];
      if (one.peer === null) await start(one);
      const taken = [];
      for (let at = 0; at < one.it.turns; at++) {
        const [nanoseconds, ...found] = (await one.peer.turn(1)).trim().split(' ');
        taken.push(Number(nanoseconds) / 1e6);
        one.found = found.join(' ');
      }
      one.milliseconds.push(median(taken) * (one.it.times ?? 1));
      if (!one.it.fresh) continue;
      await one.peer.finish();
      one.peer = null;
    }
  for (const { peer } of running) await peer?.finish();
  return running.map(({ it, milliseconds, found }) => ({ name: it.name, milliseconds, found }));
}

export async function metrics({ directory, rounds, names: size = NAMESPACES }) {
  const title = `${size} namespaces with two links each, ${rounds} rounds, ms of CPU of a scrape`;
  if (!hasProgram('adder') || !hasCommand('ip')) return notMeasured(title, 'needs a C compiler, and ip');
  const all = peers(directory, size);
  const measured = await withNamespaces(directory, size, async () => {
    await joinAll(size);
    // One cannot ask it otherwise.
    for (let at = 0; at < Math.min(size, SAMPLE); at++)
      await run(['ip', '-n', `added-${at}`, 'link', 'set', 'lo', 'up']);
    return measure(
      all.filter((peer) => peer.there),
      rounds,
    );
  });
  const notes = [`${EXPORTER}: CPU of ${SAMPLE} of them, times ${size / SAMPLE}.`];
  return section(title, { ...missing(all), notes, ...report(measured) });
}

function report(measured) {
  const of = (name) => measured.find((peer) => peer.name === name)?.milliseconds;
  const toIp = (milliseconds) =>
    of(IP) === undefined ? [] : milliseconds.map((value, round) => value / of(IP)[round]);
  const rows = measured.map(({ name, milliseconds, found }) => [
    name,
    shown(median(milliseconds), 1),
    shown(Math.min(...milliseconds), 1),
    shownRatios(toIp(milliseconds)),
    found,
  ]);
  const nlink = of(NLINK);
  const taken = nlink === undefined ? null : median(nlink);
  const targets = [
    target(
      `nlink: at most ${MOST} ms${taken === null ? '' : ` (${shown(taken, 1)})`}`,
      taken === null ? null : taken <= MOST,
    ),
    ...atMost(NLINK, nlink === undefined ? [] : toIp(nlink), { limit: MOST_OF_IP, of: 'ip' }),
  ];
  const header = ['', 'ms', 'least', 'times ip', 'series and bytes; lines'];
  return { tables: [table('CPU of a scrape', header, rows)], targets, measured };
}
