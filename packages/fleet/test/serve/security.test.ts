/** Who may ask: as of `nlink serve`, by the same gate. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { FleetWatcher } from '../../src/fleet-watcher.ts';
import { serveFleet } from '../../src/serve/serve-fleet.ts';
import { FleetLab, servedFleet } from './support/fleet-lab.ts';
import { lab } from './support/hosts.ts';

const fleetOf = (): FleetLab => {
  const fleet = new FleetLab();
  fleet.add('alpha', {}, lab(['blue']));
  return fleet;
};
const PATHS = [
  '/',
  '/v1/hosts',
  '/v1/hosts/alpha',
  '/v1/hosts/alpha/links',
  '/v1/search?q=x',
  '/sd',
  '/metrics',
];

test('pages of others, other hosts and other methods are refused on every path', async (t) => {
  const { get } = await servedFleet(t, fleetOf());
  for (const path of PATHS) {
    assert.equal((await get(path)).status, 200, path);
    assert.equal((await get(path, { host: 'evil.example' })).status, 421, path);
    assert.equal((await get(path, { 'sec-fetch-site': 'cross-site' })).status, 403, path);
    assert.equal((await get(path, {}, 'POST')).status, 405, path);
    const { headers } = await get(path);
    assert.match(String(headers['content-security-policy']), /default-src 'none'/);
    assert.equal(headers['x-frame-options'], 'DENY');
  }
});

test('with a token nobody is let in without it, but for how it is doing', async (t) => {
  const token = 'a-token-of-sixteen-or-more';
  const { get } = await servedFleet(t, fleetOf(), { token });
  for (const path of PATHS) assert.equal((await get(path)).status, 401, path);
  assert.equal((await get('/healthz')).status, 200);
  assert.equal((await get('/v1/hosts', { authorization: `Bearer ${token}` })).status, 200);
  const { status, headers } = await get(`/?token=${token}`);
  assert.equal(status, 303);
  const cookie = String(headers['set-cookie']).split(';')[0] ?? '';
  assert.equal((await get('/v1/hosts', { cookie })).status, 200);
});

test('what is wrong is said before anything happens', async (t) => {
  const watcher = await FleetWatcher.open({ transport: fleetOf().broker.transport() });
  t.after(() => watcher.stop());
  const refused = async (options: object, code: string): Promise<void> => {
    await assert.rejects(serveFleet(watcher, options), { code });
  };
  const invalid = 'ERR_NLINK_INVALID_ARGUMENT';
  await refused({ listen: 'somewhere' }, invalid);
  await refused({ listen: '0.0.0.0:0' }, 'ERR_NLINK_TOKEN_REQUIRED');
  await refused({ token: 'short' }, invalid);
  await refused({ allowedHosts: ['a/b'] }, invalid);
  await refused({ clients: 0 }, invalid);
  await refused({ hostMetrics: 'yes' }, invalid);
  await refused({ onEvent: 1 }, invalid);
  await refused({ signal: 1 }, invalid);
  await refused({ signal: AbortSignal.abort() }, 'ABORT_ERR');
});

test('an aborted signal stops the server and the watcher', async (t) => {
  const controller = new AbortController();
  const { server, watcher } = await servedFleet(t, fleetOf(), { signal: controller.signal });
  controller.abort();
  assert.equal(await server.ended, null);
  assert.equal(await watcher.recv(), undefined);
});
