/**
 * Checks the package as its users will get it: exactly the files that the sources give and no
 * other; installed without any install script into an empty project it is loaded by `import` and by
 * `require`, read by TypeScript, and says what is wrong where it cannot work. Needs a build, and
 * the registry for koffi.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkTypes } from './check-package-types.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const ALONGSIDE = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'man/nlink.1', 'openapi.json'];
/** What scripts/bundle.js makes; the declarations of the library stay apart. */
const PROGRAMS = [
  ...['index', 'netlink/index', 'internal', 'netlink', 'namespaces', 'watching', 'linking', 'serving'].map(
    (file) => `${file}.js`,
  ),
  'scratch-child.cjs',
  // scripts/page.js
  ...['index.html', 'page.css', 'page.js'].map((file) => `page/${file}`),
  ...[
    'main',
    'command-line',
    'system',
    'listing',
    'list',
    'entering',
    'exec',
    'library',
    'watching',
    'linking',
    'serving',
    'commands',
  ].map((file) => `cli/${file}.cjs`),
];
const INSTALL = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];

const { name, version, bin, man, scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const temporary = mkdtempSync(join(tmpdir(), 'nlink-package-'));
try {
  const count = checkContent();
  const [{ filename }] = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', temporary], root));
  const tarball = join(temporary, filename);
  const project = install(tarball);
  checkInstalled(project);
  checkTypes(project, root, run);
  checkUnsupported(project);
  checkSayings(project);
  checkGlobal(tarball);
  console.log(`${name} ${version}: ${count} files, installs, loads, has types, and fails as documented`);
} catch (error) {
  console.error(`check-package: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(temporary, { recursive: true });
}

/** The files of the package, and how many. */
function checkContent() {
  const [{ files }] = JSON.parse(run('npm', ['pack', '--json', '--dry-run'], root));
  const paths = files.map((file) => file.path);
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  const expected = new Set([
    ...ALONGSIDE,
    ...PROGRAMS.map((file) => `dist/${file}`),
    ...sources
      .filter(
        (path) =>
          path.endsWith('.ts') && !/^(?:page\/|cli\/(?:commands\/|main\.|run\.|registry\.))/.test(path),
      )
      .map((path) => `dist/${path.slice(0, -'.ts'.length)}.d.ts`),
  ]);
  const wrong = paths.filter((path) => !expected.has(path));
  if (wrong.length > 0) throw new Error(`these do not belong into the package: ${wrong.join(', ')}`);
  const missing = [...expected].filter((path) => !paths.includes(path));
  if (missing.length > 0) throw new Error(`the package lacks ${missing.join(', ')}`);
  const named = [...Object.values(bin), ...man].map((path) => path.replace('./', ''));
  if (!named.every((path) => expected.has(path))) throw new Error(`package.json names ${named.join(', ')}`);
  const hooks = ['preinstall', 'install', 'postinstall', 'prepare'].filter((hook) => hook in scripts);
  if (hooks.length > 0) throw new Error(`there must be no install script: ${hooks.join(', ')}`);
  return paths.length;
}

/** Into an empty project, whose directory it gives. */
function install(tarball) {
  const project = join(temporary, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }');
  run('npm', [...INSTALL, tarball], project);
  return project;
}

/**
 * Help, and what is wrong with a command line, need nothing of what the commands do, which takes
 * longer to load (removes it).
 */
function checkSayings(project) {
  const main = join(project, 'node_modules', name, bin[name]);
  for (const file of ['list.cjs', 'exec.cjs', 'commands.cjs']) rmSync(join(main, '..', file));
  for (const [expected, ...words] of [
    [0, '--help'],
    [0, 'watch', '--help'],
    [0, '--version'],
    [2, 'wach'],
    [2, 'add'],
    [1, 'list'],
    [1, 'ids'],
  ]) {
    const { status, stderr } = spawnSync(process.execPath, [main, ...words], { encoding: 'utf8' });
    if (status !== expected || (status > 0 && !stderr.startsWith('nlink: ')))
      throw new Error(`${name} ${words.join(' ')} without its commands ended with ${status}: ${stderr}`);
  }
}

/**
 * For everybody on a machine: the command, and the page of man(1), which npm links only where
 * package.json has an array.
 */
function checkGlobal(tarball) {
  const prefix = join(temporary, 'global');
  run('npm', [...INSTALL, '--global', '--prefix', prefix, tarball], temporary);
  if (!run(join(prefix, 'bin', name), ['--version'], temporary).includes(version))
    throw new Error(`the ${name} that is installed with --global is another`);
  readFileSync(join(prefix, 'share/man/man1', `${name}.1`));
}

function checkInstalled(project) {
  const list = "console.log(Object.keys(nlink).filter((key) => key !== 'module.exports').sort().join())";
  const imported = run(
    process.execPath,
    ['--input-type=module', '-e', `import * as nlink from '${name}'; ${list}`],
    project,
  );
  const required = run(
    process.execPath,
    ['--input-type=commonjs', '-e', `const nlink = require('${name}'); ${list}`],
    project,
  );
  const exported = imported.trim();
  if (exported === '' || required.trim() !== exported)
    throw new Error(`import gives ${imported}require gives ${required}`);
  // Constants and codecs are in nlink/netlink alone.
  const low = exported.split(',').filter((key) => /^[A-Z]+_|^(?:de|en)code(?!Name$)/.test(key));
  if (low.length > 0 || exported.includes('NetlinkSocket'))
    throw new Error(`${name} exports ${low.join(', ')}`);
  checkWatching(project);
  checkChild(project);
  const printed = run(join(project, 'node_modules/.bin', name), ['--version'], project);
  if (!printed.includes(version))
    throw new Error(`${name} --version printed ${printed} instead of ${version}`);
  if (!run(join(project, 'node_modules/.bin', name), ['--help'], project).startsWith('Usage: nlink '))
    throw new Error(`${name} --help printed no usage`);
}

/**
 * Deaths without privilege, by the child that is a program of its own; where user namespaces are
 * forbidden, it is they.
 */
function checkChild(project) {
  const code = `const { UnifiedNamespaceWatcher } = await import('${name}');
    const watcher = await UnifiedNamespaceWatcher.open({ directory: '${project}' });
    console.log(watcher.isWatchingDeaths || watcher.deathsError.message);
    await watcher.stop();`;
  const node = [process.execPath, '--input-type=module', '-e', code];
  const drop = ['--inh-caps=-all', '--bounding-set=-all', '--'];
  const [command, ...words] = process.getuid() === 0 ? ['setpriv', ...drop, ...node] : node;
  const told = run(command, words, project);
  if (!/^true$|: unshare: /m.test(told)) throw new Error(`deaths without privilege: ${told}`);
}

/** Watches a directory and asks the kernel for an id: all layers as they are published. */
function checkWatching(project) {
  const code = `import { Connection, NetlinkError, UnifiedNamespaceWatcher } from '${name}';
    import * as netlink from '${name}/netlink';
    const { namespaces, watcher } = await UnifiedNamespaceWatcher.listAndWatch({ directory: '${project}' });
    const ids = watcher.isWatchingNsids;
    await watcher.stop();
    const connection = await Connection.open();
    const nsid = await connection.getNsid({ pid: process.pid });
    const refused = await connection.getNsid({ fd: 0 }).catch((error) => error instanceof netlink.NetlinkError);
    console.log(namespaces.flatMap(({ names }) => names).length, ids, nsid, refused, netlink.NetlinkError === NetlinkError);
    await connection.close();`;
  const told = run(process.execPath, ['--input-type=module', '-e', code], project);
  if (!/^\d+ true (null|\d+) true true\n$/.test(told)) throw new Error(`watching with the package: ${told}`);
}

/**
 * Where it cannot work it says so in a line, with exit status 3, and never in a stack: on another
 * system, and where koffi has no binary (removes it from the project). Importing it, and help, work
 * all the same.
 */
function checkUnsupported(project) {
  const other = join(project, 'other-system.js');
  writeFileSync(other, "Object.defineProperty(process, 'platform', { value: 'darwin' });\n");
  checkRefusals(
    project,
    ['--import', other],
    /^nlink: Network namespaces exist on Linux only; this is darwin\n$/,
  );
  // The files alone: where they are missing altogether Node would look on in directories above,
  // which are not the project's.
  const binaries = readdirSync(join(project, 'node_modules/@koromix'), { recursive: true, encoding: 'utf8' });
  for (const path of binaries.filter((file) => file.endsWith('.node')))
    rmSync(join(project, 'node_modules/@koromix', path));
  checkRefusals(
    project,
    [],
    /^nlink: koffi, which calls the C library, could not be loaded on linux-[^\n]*\n$/,
  );
}

function checkRefusals(project, flags, expected) {
  const main = join(project, 'node_modules', name, bin[name]);
  const nlink = (...words) =>
    spawnSync(process.execPath, [...flags, main, ...words], { encoding: 'utf8', timeout: 30_000 });
  for (const words of [['watch'], ['watch', '--nsids'], ['ids'], ['id', 'blue'], ['set', 'blue', 'auto']]) {
    const { status, stdout, stderr } = nlink(...words);
    if (status !== 3 || stdout !== '' || !expected.test(stderr))
      throw new Error(
        `${flags.join(' ')} ${name} ${words.join(' ')} ended with ${status}: ${stdout}${stderr}`,
      );
  }
  const { status } = nlink('--help');
  if (status !== 0) throw new Error(`${flags.join(' ')} ${name} --help ended with ${status}`);
  const code = `const { NamespaceWatcher } = await import('${name}');
    console.log(await NamespaceWatcher.open().catch((error) => error.code));`;
  const told = run(process.execPath, [...flags, '--input-type=module', '-e', code], project);
  if (!/^ERR_NLINK_(UNSUPPORTED_PLATFORM|NATIVE_LIBRARY)\n$/.test(told))
    throw new Error(`${flags.join(' ')} NamespaceWatcher.open: ${told}`);
}

/** Runs to the end and gives what was printed; on failure all of it is in the error. */
function run(command, args, cwd) {
  try {
    return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    throw new Error(`${command} ${args.join(' ')}\n${error.stdout}${error.stderr}`, { cause: error });
  }
}
