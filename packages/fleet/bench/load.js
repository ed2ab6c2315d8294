/**
 * A simulated fleet on one machine: a real nats-server, all agents in one process, a reader of
 * everything, and one of heads alone. Usage, after `npm run build:test`: load.js [--hosts N]
 * [--namespaces N] [--seconds N] [--deltas BATCHES_A_SECOND] [--readers all,heads|none]. Prints
 * figures; fails only where a reader is wrong.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { connectNats } from '../../../build/packages/fleet/src/nats/connect.js';
import { makeStreams } from '../../../build/packages/fleet/src/nats/streams.js';
import { startNatsServer } from '../../../build/packages/fleet/test/support/nats-server.js';

const number = (otherwise) => ({ type: 'string', default: String(otherwise) });
const { values } = parseArgs({
  options: {
    hosts: number(10_000),
    namespaces: number(50),
    seconds: number(60),
    deltas: number(2000),
    readers: { type: 'string', default: 'all,heads' },
  },
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
  fork(fileURLToPath(new URL(`load/${file}`, import.meta.url)), words, { execArgv: ['--expose-gc'] });
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
  const readers = [];
  for (const kind of values.readers.split(',').filter((word) => word !== 'none')) {
    const reader = child('reader.js', kind === 'heads' ? [server.url, '--heads'] : [server.url]);
    const opened = await heard(reader);
    readers.push({ kind, reader, opened, rest: await asked(reader, 'rest') });
  }
  const before = cpuOf(server.pid);
  const finished = heard(agents);
  agents.send('go');
  const { truth, ...told } = await finished;
  console.log('agents', told);
  console.log('server', {
    filledBySeconds: before,
    steadySeconds: cpuOf(server.pid) - before,
    rss: rssOf(server.pid),
  });
  for (const { kind, reader, opened, rest } of readers) {
    const after = await asked(reader, 'rest');
    const checked = await asked(reader, truth);
    const [count, what] = kind === 'heads' ? [hosts, 'a host'] : [hosts * namespaces, 'a namespace'];
    const kB = ({ heap, rss }) => ({ heapKB: heap / count / 1000, rssKB: rss / count / 1000 });
    console.log(`reader of ${kind}`, { opened, cpuToOpen: rest.cpu, cpuSteady: after.cpu - rest.cpu });
    console.log(`  memory, ${what}`, { atRest: kB(rest), afterwards: kB(after) });
    console.log('  checked', checked);
    reader.send('end');
    if (checked.wrong > 0) process.exitCode = 1;
  }
} finally {
  await server.stop();
}
