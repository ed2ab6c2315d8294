/** The page of a fleet: hosts as boxes, unfolded to what is on them, live. */
import { strict as assert } from 'node:assert';
import { inState } from '../../../../test/page/support/reading.ts';
import { event, identity, named } from '../../../../test/page/support/wire.ts';
import { waitFor } from '../../../../test/support/wait.ts';
import { FleetLab } from '../serve/support/fleet-lab.ts';
import { HOSTILE, lab } from '../serve/support/hosts.ts';
import { boxesOn, fleetTest, head, shownHosts } from './support/fleet-browsing.ts';

function mixedFleet(): FleetLab {
  const fleet = new FleetLab();
  fleet.add('alpha', { name: 'alpha-2' }, lab(['blue', 'web']));
  fleet.add('beta', { name: 'alpha-10' }, lab(['red', 'green', 'db']), 300_000);
  fleet.add('gamma', { name: 'gamma', bye: true }, lab(['old']));
  fleet.add('bare', { name: 'zeta' }, null);
  return fleet;
}

fleetTest('hosts are listed by name, folded, each with its state in text', async ({ serve, open }) => {
  const fleet = mixedFleet();
  const tab = await open(await serve(fleet));
  const { page } = tab;
  await inState(page, 'live');
  await page.locator('.host').first().waitFor();
  assert.deepEqual(
    (await shownHosts(page)).map(({ name, state, isOpen }) => `${name} ${state} ${isOpen}`),
    ['alpha-2 live false', 'alpha-10 late false', 'gamma gone false', 'zeta live false'],
  );
  const text = (await page.locator('.host[data-id="beta"]').textContent()) ?? '';
  assert.match(text, /4 namespaces · 3 names · 12 links/);
  assert.match(text, /heard 5 min ago/);
  assert.match(text, /6\.12\.9/);
  await page.locator('#show-late').click();
  await waitFor('the late one alone', async () => (await shownHosts(page)).length === 1);
  await page.locator('#show-late').click();
  await waitFor('all again', async () => (await shownHosts(page)).length === 4);
});

fleetTest('a host is unfolded to its picture, which is live, and folded again', async ({ serve, open }) => {
  const fleet = mixedFleet();
  const tab = await open(await serve(fleet));
  const { page } = tab;
  const has = (...names: string[]): Promise<void> => {
    const wanted = ['(this namespace)', ...names].sort().join();
    return waitFor(wanted, async () => (await boxesOn(page, 'alpha')).join() === wanted);
  };
  await page.locator(head('alpha')).click();
  await has('blue', 'web');
  const told = { ...named('green'), ready: true, nsid: 7, namespace: identity(77), number: 9 };
  fleet.tell('alpha', [event('created', told)], lab(['blue', 'web', 'green']));
  await has('blue', 'web', 'green');
  const gone = { ...named('blue'), namespace: identity(2), nsid: 0, number: 2 };
  fleet.tell('alpha', [event('destroyed', { ...gone, names: [named('blue')] })], lab(['web', 'green']));
  await has('web', 'green');
  await page.locator(head('beta')).click();
  await waitFor('the second', async () => (await boxesOn(page, 'beta')).length === 4);
  assert.match((await page.locator('.host[data-id="beta"] .condition').textContent()) ?? '', /heard last/);
  await page.locator('.host[data-id="beta"] g.box.own').click();
  await page.locator('#panel', { hasText: 'where nlink runs' }).waitFor();
  assert.equal(((await page.locator('#side .on').textContent()) ?? '').trim(), 'on alpha-10, late');
  await page.locator('#panel .close').click();
  await has('web', 'green');
  await page.locator(head('alpha')).click();
  await waitFor('it to be folded', async () => (await boxesOn(page, 'alpha')).length === 0);
  assert.equal((await boxesOn(page, 'beta')).length, 4);
});

fleetTest('a host of which only heads are known says so when it is unfolded', async ({ serve, open }) => {
  const fleet = mixedFleet();
  const { page } = await open(await serve(fleet));
  await page.locator(head('bare')).click();
  await page.locator('.host[data-id="bare"] .waiting').waitFor();
  fleet.show('bare', lab(['late-comer']));
  await waitFor('its picture', async () => (await boxesOn(page, 'bare')).includes('late-comer'));
});

fleetTest('hosts come, change, and go while it is open', async ({ serve, open }) => {
  const fleet = mixedFleet();
  const { page } = await open(await serve(fleet));
  await page.locator('.host').first().waitFor();
  const states = async (): Promise<string> =>
    (await shownHosts(page)).map(({ name, state }) => `${name} ${state}`).join();
  fleet.add('new', { name: 'beta' }, lab([]));
  await waitFor('a new one', async () => /alpha-10 late,beta live,gamma/.test(await states()));
  fleet.head('new', { bye: true });
  await waitFor('its end', async () => /beta gone/.test(await states()));
  fleet.head('beta');
  await waitFor('a late one to be back', async () => /alpha-10 live/.test(await states()));
  await waitFor('that to be said', async () =>
    /alpha-10 is live|beta is gone/.test((await page.locator('#live').textContent()) ?? ''),
  );
});

fleetTest('names are shown as text, whatever they are', async ({ serve, open }) => {
  const fleet = new FleetLab();
  for (const [at, name] of HOSTILE.entries()) fleet.add(`odd${at}`, { name }, lab(HOSTILE));
  fleet.add('none', { name: '' }, lab([]));
  const tab = await open(await serve(fleet));
  const { page } = tab;
  await page.locator(head('odd0')).click();
  await waitFor('the picture', async () => (await boxesOn(page, 'odd0')).length === 6);
  const names = (await shownHosts(page)).map(({ name }) => name).sort();
  assert.deepEqual(names, [
    '(no name)',
    '<img src=x onerror=alert(1)>',
    '\\u202egnp.exe',
    'caf\\xe9',
    'two\\nlines\\x07',
    'x'.repeat(255),
  ]);
  assert.equal(await page.locator('#page img').count(), 0);
  assert.equal(
    await page.evaluate(
      'document.querySelector("#hosts").scrollWidth > document.querySelector("#hosts").clientWidth',
    ),
    false,
  );
  await page.locator('#search').fill('<img');
  await page.locator('#found', { hasText: 'match' }).waitFor();
  assert.equal(await page.locator('#page img').count(), 0);
});

fleetTest('the connection is said: approximate while the broker is not heard', async ({ serve, open }) => {
  const fleet = mixedFleet();
  const served = await serve(fleet);
  const tab = await open(served);
  const { page } = tab;
  await inState(page, 'live');
  served.transport.cut();
  await inState(page, 'approximate');
  assert.match(
    (await page.locator('#state').textContent()) ?? '',
    /approximate since \d\d:\d\d:\d\d: nothing comes/,
  );
  assert.equal(await page.locator('main.approximate').count(), 1);
  assert.equal((await shownHosts(page))[0]?.state, 'was live');
  served.transport.heal(false);
  await inState(page, 'live');
  assert.equal(await page.locator('main.approximate').count(), 0);
  tab.expect(/Failed to load resource/);
  await served.server.stop();
  await inState(page, 'ended');
  assert.match(
    (await page.locator('#state').textContent()) ?? '',
    /^the server has ended since \d\d:\d\d:\d\d; it is asked again$/,
  );
});

fleetTest('two hosts of one name are two, each with a picture of its own', async ({ serve, open }) => {
  const fleet = new FleetLab();
  fleet.add('one', { name: 'clone' }, lab(['blue']));
  fleet.add('two', { name: 'clone' }, lab(['red']));
  const { page } = await open(await serve(fleet));
  for (const [id, name] of [
    ['one', 'blue'],
    ['two', 'red'],
  ] as const) {
    await page.locator(head(id)).click();
    await waitFor(name, async () => (await boxesOn(page, id)).includes(name));
    await page.locator(`.host[data-id="${id}"] g.box[data-key]:not(.own)`).click();
    await page.locator('#panel-title', { hasText: name }).waitFor();
  }
  // One namespace is in the panel, of all hosts.
  assert.equal(await page.locator('g.box[data-key].selected').count(), 1);
  const ids = await page.evaluate<string[]>('Array.from(document.querySelectorAll("[id]"), ({ id }) => id)');
  assert.equal(new Set(ids).size, ids.length);
});
