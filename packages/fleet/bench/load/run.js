/**
 * A simulated fleet on one machine: a real nats-server, all agents in one process, a reader of
 * everything, and one of heads alone. Usage, after `npm run build:test`: run.js [--hosts N]
 * [--namespaces N] [--seconds N] [--deltas BATCHES_A_SECOND]. Prints figures; fails only where a
 * reader is wrong.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { connectNats } from '../../../../build/packages/fleet/src/nats/connect.js';
import { makeStreams } from '../../../../build/packages/fleet/src/nats/streams.js';
import { startNatsServer } from '../../../../build/packages/fleet/test/support/nats-server.js';

const number = (otherwise) => ({ type: 'string', default: String(otherwise) });
const { values } = parseArgs({
  options: { hosts: number(10_000), namespaces: number(50), seconds: number(60), deltas: number(2000) },
});
const [hosts, namespaces] = [Number(values.hosts), Number(values.namespaces)];
const TICKS = 100;

const cpuOf = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
};
const rssOf = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
async function heard(one) {
  const [message] = await Promise.race([once(one, 'message'), once(one, 'exit')]);
  if (typeof message === 'number' || message === null) throw new Error(`a part ended with ${message}`);
  return message;
}
const child = (file, words) =>
  fork(fileURLToPath(new URL(file, import.meta.url)), words, { execArgv: ['--expose-gc'] });
const asked = (one, message) => {
  const answer = heard(one);
  one.send(message);
  return answer;
};

const server = await startNatsServer({});
try {
  const connection = await connectNats({ servers: server.url }, { name: 'init', inbox: '_INBOX_init' });
  const reports = await makeStreams(connection, {});
  console.log(reports.map(({ stream, state }) => `${stream} ${state}`).join(', '));
  await connection.close();

  const agents = child('agents.js', [
    server.url,
    String(hosts),
    String(namespaces),
    values.seconds,
    values.deltas,
  ]);
  await heard(agents);
  const serverFilled = cpuOf(server.pid);
  const reader = child('reader.js', [server.url]);
  const opened = await heard(reader);
  const heads = child('reader.js', [server.url, '--heads']);
  const headsOpened = await heard(heads);
  const [rest, headsRest] = [await asked(reader, 'rest'), await asked(heads, 'rest')];
  const serverBefore = cpuOf(server.pid);
  const finished = heard(agents);
  agents.send('go');
  const { truth, ...told } = await finished;
  const serverCpu = cpuOf(server.pid) - serverBefore;
  const [after, headsAfter] = [await asked(reader, 'rest'), await asked(heads, 'rest')];
  const checked = await asked(reader, truth);
  const headsChecked = await asked(heads, truth);
  const kB = (bytes, count) => `${(bytes / count / 1000).toFixed(2)} kB`;
  const all = hosts * namespaces;
  console.log({ told, serverFilled, serverRss: rssOf(server.pid) });
  console.log('server CPU in the steady part', `${serverCpu.toFixed(1)} s`);
  console.log('reader', { opened, rest: rest.events, cpuToRead: rest.cpu, cpuSteady: after.cpu - rest.cpu });
  console.log('reader, a namespace', { heap: kB(rest.heap, all), rss: kB(rest.rss, all) });
  console.log('reader after it all, a namespace', { heap: kB(after.heap, all), rss: kB(after.rss, all) });
  console.log('heads alone', { opened: headsOpened, cpuSteady: headsAfter.cpu - headsRest.cpu });
  console.log('heads alone, a host', { heap: kB(headsAfter.heap, hosts), rss: kB(headsAfter.rss, hosts) });
  console.log('checked', checked, headsChecked);
  reader.send('end');
  heads.send('end');
  if (checked.wrong > 0 || headsChecked.wrong > 0) process.exitCode = 1;
} finally {
  await server.stop();
}
