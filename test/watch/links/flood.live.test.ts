/**
 * Somebody who may change the links of a namespace of his own changes them without a pause, faster
 * than anybody can read. The watcher says that it knows them approximately, reads all now and then,
 * and stays at that; when it is over it is as before. Others are told of all the time.
 */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { waitFor, within } from '../../support/wait.ts';
import { systemClock } from '../../../src/watch/stream/clock.ts';
import { smallBuffer } from '../unified/small-buffer.ts';
import { freshHost, inside, LinkStory, veth } from './support/link-story.ts';

const linkStorm = fileURLToPath(new URL('../fixtures/link-storm.js', import.meta.url));

test('a namespace that floods: bounded, approximate, and live again afterwards', async (t) => {
  const host = freshHost(t);
  const [one, two] = [host.addNamed('one'), host.addNamed('two')];
  veth({ place: host.own, name: 'a', index: 40 }, { place: one, name: 'b', index: 50 });
  veth({ place: host.own, name: 'c', index: 41 }, { place: two, name: 'd', index: 50 });
  let ahead = 0;
  const clock = { ...systemClock, now: () => systemClock.now() + ahead };
  const story = await LinkStory.open(t, host, {}, { ...smallBuffer(), clock });
  const { watcher } = story.follower;
  assert.equal(story.entry('one-1').linksState, 'live');
  const command = ['--pdeathsig', 'KILL', 'nsenter', `--net=${one.path}`, process.execPath, linkStorm, '20'];
  const storm = spawn('setpriv', command, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(storm, 'exit');
  t.after(() => storm.kill('SIGKILL'));
  await within('the storm', once(storm.stdout, 'data'));
  await waitFor('approximate', () => {
    story.follower.take();
    return story.entry('one-1').linksState === 'approximate';
  });
  // From here on all is read four times a second at most, and ever more seldom.
  const before = watcher.stats().links;
  const start = performance.now();
  const cpu = process.cpuUsage();
  await setTimeout(2000);
  story.follower.take();
  const took = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  const after = watcher.stats().links;
  assert(before !== null && after !== null);
  // The buffer may overflow more than once while it is drained: what counts is how often all is read.
  const reads = (after.listed - before.listed) / watcher.namespaces().length;
  t.diagnostic(`${Math.round((user + system) / 10 / took)} % of a processor, all read ${reads} times`);
  assert(reads <= 2 + took / 250, `all read ${reads} times in ${took} ms`);
  // What happens elsewhere is told, with the next full read.
  inside(two, (requests) => requests.mtu(50, 1234));
  await waitFor('the change elsewhere', () => {
    story.follower.take();
    return story.link('two-2', 'd').mtu === 1234;
  });
  storm.kill('SIGKILL');
  await exited;
  await story.settle();
  ahead += 60_000;
  await waitFor('live', () => story.entry('one-1').linksState === 'live');
  assert.equal(watcher.stats().links?.approximate, false);
  assert(story.events.some((event) => event.type === 'resynced' && event.lost.includes('links')));
  inside(one, (requests) => requests.mtu(50, 1235));
  await story.until('changed one-1:b mtu -> own:a');
});
