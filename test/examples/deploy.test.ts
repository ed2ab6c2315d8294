/**
 * The files of examples/deploy/ keep the rules of docs/containers.md, and the command lines in them
 * are understood. What they come to when they run: test/docs/containers.live.test.ts.
 */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse as parseYaml } from 'yaml';
import { parse } from '../../src/cli/args/parse.ts';
import { NLINK } from '../../src/cli/spec/index.ts';
import { read } from '../docs/tables.ts';

const unit = read('examples/deploy/nlink-watch.service');
const waiting = read('examples/deploy/nlink-wait@.service');
const user = read('examples/deploy/in-namespace.service');
const containerfile = read('examples/deploy/Containerfile');
const manifest = read('examples/deploy/daemonset.yaml');
const notes = read('examples/deploy/README.md');

/** The values of each key of a unit file, by section and key (systemd.syntax(7)). */
function parseUnit(text: string): Map<string, string[]> {
  const values = new Map<string, string[]>();
  let section = '';
  for (const line of text.split('\n').map((line) => line.trim())) {
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    const [, heading] = /^\[(\w+)\]$/.exec(line) ?? [];
    const [, key, value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (heading !== undefined) section = heading;
    else if (key !== undefined && section !== '')
      values.set(`${section}.${key}`, [...(values.get(`${section}.${key}`) ?? []), value]);
    else assert.fail(`neither a section nor an assignment: ${line}`);
  }
  return values;
}

/** The instructions of a Containerfile, in order; continued lines are not used there. */
const instructions = containerfile
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const [, name = '', rest = ''] = /^([A-Z]+) (.+)$/.exec(line) ?? assert.fail(line);
    return { name, rest };
  });

const instruction = (name: string): string => {
  const found = instructions.filter((candidate) => candidate.name === name);
  assert.equal(found.length, 1, name);
  return found[0]?.rest ?? '';
};

interface Manifest {
  kind: string;
  spec: { selector: { matchLabels: object }; template: { metadata: { labels: object }; spec: Pod } };
}
interface Pod {
  hostNetwork: boolean;
  securityContext: Record<string, unknown>;
  containers: Container[];
  volumes: { name: string; hostPath: { path: string; type: string } }[];
}
interface Container {
  args: string[];
  securityContext: Record<string, unknown>;
  resources: { requests: object; limits: object };
  volumeMounts: { name: string; mountPath: string; mountPropagation: string; readOnly: boolean }[];
}
const daemonSet = parseYaml(manifest, { strict: true }) as Manifest;
const pod = daemonSet.spec.template.spec;
const [container] = pod.containers;

const serveUnit = parseUnit(read('examples/deploy/nlink-serve.service'));
const servePod = (parseYaml(read('examples/deploy/daemonset-serve.yaml'), { strict: true }) as Manifest).spec
  .template.spec;
const [serveContainer] = servePod.containers;

const service = parseUnit(unit);
const value = (key: string): string => {
  const values = service.get(`Service.${key}`) ?? assert.fail(`${key} is missing`);
  assert.equal(values.length, 1, key);
  return values[0] ?? '';
};

test('the unit is hardened', () => {
  const hardened = {
    DynamicUser: 'yes',
    NoNewPrivileges: 'yes',
    CapabilityBoundingSet: '',
    ProtectSystem: 'strict',
    ProtectHome: 'yes',
    PrivateTmp: 'yes',
    PrivateDevices: 'yes',
    RestrictNamespaces: 'yes',
    SystemCallFilter: '@system-service',
    SystemCallArchitectures: 'native',
  };
  for (const [key, expected] of Object.entries(hardened)) assert.equal(value(key), expected, key);
});

test("the unit gets the host's mounts and ids, and Node can run in it", () => {
  assert.equal(value('MountFlags'), 'slave');
  assert.deepEqual(value('RestrictAddressFamilies').split(' '), ['AF_NETLINK']);
  // Each of these keeps away mounts, ids, or code that is compiled at run time.
  const fatal = [
    'PrivateNetwork',
    'NetworkNamespacePath',
    'RootDirectory',
    'RootImage',
    'TemporaryFileSystem',
    'InaccessiblePaths',
    'ProcSubset',
    'ProtectProc',
    'MemoryDenyWriteExecute',
  ];
  for (const key of fatal) assert.equal(service.has(`Service.${key}`), false, key);
});

test('the unit ends where trying again does not help, and starts without /run/netns', () => {
  assert.equal(value('Restart'), 'on-failure');
  assert.deepEqual(value('RestartPreventExitStatus').split(' '), ['2', '3']);
  assert.equal(service.has('Unit.After'), false);
});

test('the wait unit ends when the name is ready and waits anew at each start; its user opens the name only then', () => {
  const wait = parseUnit(waiting);
  assert.deepEqual(wait.get('Service.Type'), ['oneshot']);
  assert.equal(wait.has('Service.RemainAfterExit'), false);
  assert.deepEqual(wait.get('Service.ExecStart'), ['nlink wait %I']);
  // Just as hardened, so that the host's mounts arrive there, too.
  for (const [key, values] of service)
    if (
      /^Service\.(Protect|Private|Restrict[A-Z]|SystemCall|MountFlags|DynamicUser|No|Capab|Lock|UMask)/.test(
        key,
      )
    )
      if (!key.endsWith('RestartPreventExitStatus')) assert.deepEqual(wait.get(key), values, key);

  const needs = parseUnit(user);
  for (const key of ['Unit.Requires', 'Unit.After'])
    assert.deepEqual(needs.get(key), ['nlink-wait@blue.service'], key);
  assert.deepEqual(needs.get('Service.NetworkNamespacePath'), ['/run/netns/blue']);
  // Opened before anything of the unit is run: status 225/NETWORK.
  assert.equal(needs.has('Service.ExecStartPre'), false);
});

test('the agent of a fleet has the rights and walls of what serves', () => {
  const agent = parseUnit(read('examples/deploy/nlink-fleet-agent.service'));
  for (const [key, values] of serveUnit)
    if (key.startsWith('Service.') && key !== 'Service.ExecStart')
      assert.deepEqual(agent.get(key), values, key);
  assert.deepEqual(agent.get('Service.ExecStart'), ['nlink-fleet agent']);
});

test('what serves has the rights to see all links, and no more; other machines need a token', () => {
  const rights = ['CAP_SYS_ADMIN', 'CAP_NET_ADMIN', 'CAP_NET_BROADCAST'];
  for (const key of ['AmbientCapabilities', 'CapabilityBoundingSet'])
    assert.deepEqual(serveUnit.get(`Service.${key}`)?.[0]?.split(' '), rights, key);
  for (const key of [
    'MountFlags',
    'DynamicUser',
    'NoNewPrivileges',
    'ProtectSystem',
    'RestartPreventExitStatus',
  ])
    assert.deepEqual(serveUnit.get(`Service.${key}`), service.get(`Service.${key}`), key);
  assert.deepEqual(serveContainer?.securityContext['capabilities'], {
    drop: ['ALL'],
    add: rights.map((right) => right.replace('CAP_', '')),
  });
  assert.equal(servePod.hostNetwork, true);
  assert.ok(serveContainer?.args.includes('--token-file'));
  assert.equal(serveContainer?.volumeMounts[0]?.mountPropagation, 'HostToContainer');
});

test('systemd has nothing to say against the units, where there is systemd', (t) => {
  if (spawnSync('systemd-analyze', ['--version']).status !== 0) {
    t.diagnostic('systemd-analyze is not there: the unit was only parsed here');
    assert.ok(service.size > 20);
    return;
  }
  const directory = mkdtempSync(join(tmpdir(), 'nlink-unit-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const units = {
    'nlink-watch.service': unit,
    'nlink-wait@.service': waiting,
    'in-namespace.service': user,
    'nlink-serve.service': read('examples/deploy/nlink-serve.service'),
    'nlink-fleet-agent.service': read('examples/deploy/nlink-fleet-agent.service'),
  };
  for (const [name, text] of Object.entries(units)) {
    // A program that is there for sure.
    writeFileSync(
      join(directory, name),
      text.replace(/ExecStart=nlink(?:-fleet)? /, `ExecStart=${process.execPath} `),
    );
  }
  for (const name of [
    'nlink-watch.service',
    'nlink-wait@blue.service',
    'in-namespace.service',
    'nlink-serve.service',
    'nlink-fleet-agent.service',
  ]) {
    const file = join(directory, name);
    if (name.includes('@blue')) symlinkSync('nlink-wait@.service', file);
    const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' });
    assert.deepEqual(
      stderr.split('\n').filter((line) => /nlink|in-namespace/.test(line)),
      [],
      name,
    );
  }
});

test('the image runs nlink itself as an ordinary user, on a Node that nlink supports', () => {
  const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };
  const [, major] = /^node:(\d+)-slim$/.exec(instruction('FROM')) ?? assert.fail();
  assert.ok(Number(major) >= Number(/\d+/.exec(engines.node)?.[0]));
  const [, user] = /^(\d+):\d+$/.exec(instruction('USER')) ?? assert.fail('a number, for runAsNonRoot');
  assert.notEqual(Number(user), 0);
  assert.match(instruction('RUN'), /^npm install --global --ignore-scripts nlink@/);
  assert.deepEqual(JSON.parse(instruction('ENTRYPOINT')), ['nlink']);
  const order = instructions.map(({ name }) => name);
  assert.ok(order.indexOf('USER') > order.indexOf('RUN'));
});

test("the pod gets the host's mounts and ids, and no more than that", () => {
  assert.equal(daemonSet.kind, 'DaemonSet');
  assert.deepEqual(daemonSet.spec.selector.matchLabels, daemonSet.spec.template.metadata.labels);
  assert.equal(pod.hostNetwork, true);
  assert.equal(pod.securityContext['runAsNonRoot'], true);
  assert.deepEqual(pod.securityContext['seccompProfile'], { type: 'RuntimeDefault' });
  assert.ok(container);
  assert.equal(pod.containers.length, 1);
  assert.deepEqual(container.securityContext, {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
  assert.ok('memory' in container.resources.limits && 'memory' in container.resources.requests);
  assert.deepEqual(container.volumeMounts, [
    { name: 'netns', mountPath: '/run/netns', readOnly: true, mountPropagation: 'HostToContainer' },
  ]);
  assert.deepEqual(pod.volumes, [
    { name: 'netns', hostPath: { path: '/run/netns', type: 'DirectoryOrCreate' } },
  ]);
});

test('every command line is one that nlink understands', () => {
  const inNotes = [...notes.matchAll(/^ *ExecStart=nlink (.+)$/gm)].map(([, words = '']) => words.split(' '));
  const inArgs = [...notes.matchAll(/args: (\[.*?\])/g)].map(([, list = '']) => parseYaml(list) as string[]);
  assert.deepEqual([inNotes.length, inArgs.length], [1, 1]);
  const lines = [
    value('ExecStart').split(' ').slice(1),
    JSON.parse(instruction('CMD')) as string[],
    container?.args ?? [],
    ...inNotes,
    ...inArgs,
  ];
  for (const words of lines) assert.equal(parse(words, NLINK).command?.name, 'watch', words.join(' '));
  for (const words of [
    serveUnit.get('Service.ExecStart')?.[0]?.split(' ').slice(1) ?? [],
    serveContainer?.args ?? [],
  ])
    assert.equal(parse(words, NLINK).command?.name, 'serve', words.join(' '));
  const [start = ''] = parseUnit(waiting).get('Service.ExecStart') ?? [];
  assert.equal(parse(start.split(' ').slice(1), NLINK).command?.name, 'wait');
});
