/**
 * Checks nlink-fleet as its users will get it, beside nlink: installed into an empty project, its
 * library is loaded and has types, its command says who it is and what is wrong, is run by
 * `nlink fleet`, and serves its page. Needs both builds, and the registry for the packages of NATS.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const INSTALL = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
const TYPES = `import { FleetWatcher, httpTransport, natsTransport, type FleetEvent } from 'nlink-fleet';

await using fleet = await FleetWatcher.open({ transport: natsTransport({ servers: 'nats://127.0.0.1' }) });
for await (const event of fleet) {
  const told: FleetEvent = event;
  if (told.type === 'namespaceEvent') console.log(told.host.name, told.event.type);
}
httpTransport({ hosts: [{ url: 'http://127.0.0.1:9478' }] });
// @ts-expect-error There is no such option.
natsTransport({ server: 'nats://127.0.0.1' });
`;

const temporary = mkdtempSync(join(tmpdir(), 'nlink-fleet-package-'));
try {
  const { version } = JSON.parse(readFileSync(join(root, 'packages/fleet/package.json'), 'utf8'));
  const core = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
  if (version !== core) throw new Error(`nlink is ${core}, nlink-fleet ${version}: they go together`);
  const tarballs = [pack(root), pack(join(root, 'packages/fleet'))];
  const project = join(temporary, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }');
  run('npm', [...INSTALL, ...tarballs], project);
  checkTypes(project);
  const bin = join(project, 'node_modules/.bin');
  for (const [command, ...words] of ['nlink-fleet --version', 'nlink fleet --version'].map((line) =>
    line.split(' '),
  )) {
    const told = run(join(bin, command), words, project);
    if (told !== `nlink-fleet ${version}\n`) throw new Error(`${command} ${words.join(' ')} printed ${told}`);
  }
  const { status, stderr } = spawnSync(join(bin, 'nlink-fleet'), ['lsit'], { encoding: 'utf8' });
  if (status !== 2 || !stderr.startsWith('nlink-fleet: '))
    throw new Error(`lsit ended with ${status}: ${stderr}`);
  await checkServing(project, bin);
  console.log(`nlink-fleet ${version}: installs beside nlink, loads, has types, serves its page`);
} catch (error) {
  console.error(`check-fleet-package: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(temporary, { recursive: true });
}

function pack(directory) {
  const [{ filename }] = JSON.parse(
    run('npm', ['pack', '--json', '--pack-destination', temporary], directory),
  );
  return join(temporary, filename);
}

function run(command, words, cwd) {
  try {
    return execFileSync(command, words, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    throw new Error(`${command} ${words.join(' ')}: ${error.stdout}${error.stderr}`, { cause: error });
  }
}

/** The declarations of both packages as well. */
function checkTypes(project) {
  const compilerOptions = {
    target: 'es2023',
    lib: ['es2023', 'esnext.disposable'],
    strict: true,
    noEmit: true,
    module: 'nodenext',
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
    // Those of the packages of NATS are not ours to check.
    skipLibCheck: true,
  };
  writeFileSync(join(project, 'module.ts'), TYPES);
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['module.ts'] }));
  run(join(root, 'node_modules/.bin/tsc'), ['-p', '.'], project);
}

/** Of a fleet of this host alone. */
async function checkServing(project, bin) {
  const hosted = await started(
    project,
    join(bin, 'nlink'),
    'serve',
    '--listen',
    '127.0.0.1:0',
    '-d',
    project,
  );
  try {
    writeFileSync(join(project, 'hosts'), `one ${hosted.address}\n`);
    const fleet = await started(
      project,
      join(bin, 'nlink-fleet'),
      'serve',
      '--hosts',
      'hosts',
      '--listen',
      '127.0.0.1:0',
    );
    try {
      const page = await (await fetch(fleet.address)).text();
      if (!page.includes('page.js')) throw new Error(`${fleet.address} is no page: ${page.slice(0, 200)}`);
      const hosts = await (await fetch(`${fleet.address}/v1/hosts`)).json();
      if (hosts[0]?.name !== 'one') throw new Error(`/v1/hosts: ${JSON.stringify(hosts)}`);
    } finally {
      await ended(fleet.child);
    }
  } finally {
    await ended(hosted.child);
  }
}

/** A server, and where it listens, which is the first line that it prints. */
async function started(cwd, command, ...words) {
  const child = spawn(command, words, { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface(child.stdout), 'line');
  return { child, address: line.replace('listening on ', '') };
}

async function ended(child) {
  child.kill();
  await once(child, 'exit');
}
