/**
 * Checks the package as its users will get it: what is in it, by rule, and that it can be installed without
 * any install script into an empty project and loaded by `import` and by `require`. Needs a build, and the registry for koffi.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const ALLOWED = [/^dist\/.+\.js$/, /^dist\/.+\.d\.ts$/, /^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/];
const REQUIRED = ['dist/index.js', 'dist/index.d.ts', 'package.json', 'README.md', 'LICENSE', 'CHANGELOG.md'];

const { name, version, bin, scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const temporary = mkdtempSync(join(tmpdir(), 'nlink-package-'));
try {
  const count = checkContent();
  const [{ filename }] = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', temporary], root));
  const tarball = join(temporary, filename);
  checkInstalled(tarball);
  console.log(`${name} ${version}: ${count} files, installs and loads`);
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
  const wrong = paths.filter((path) => !ALLOWED.some((rule) => rule.test(path)));
  if (wrong.length > 0) throw new Error(`these do not belong into the package: ${wrong.join(', ')}`);
  const required = [...REQUIRED, ...Object.values(bin).map((path) => path.replace('./', ''))];
  const missing = required.filter((path) => !paths.includes(path));
  if (missing.length > 0) throw new Error(`the package lacks ${missing.join(', ')}`);
  const hooks = ['preinstall', 'install', 'postinstall', 'prepare'].filter((hook) => hook in scripts);
  if (hooks.length > 0) throw new Error(`there must be no install script: ${hooks.join(', ')}`);
  return paths.length;
}

function checkInstalled(tarball) {
  const project = join(temporary, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "private": true }');
  run(
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', tarball],
    project,
  );
  const list = "console.log(Object.keys(nlink).filter((key) => key !== 'module.exports').sort().join())";
  const imported = run(
    process.execPath,
    ['--input-type=module', '-e', `import * as nlink from '${name}'; ${list}`],
    project,
  );
  const required = run(process.execPath, ['-e', `const nlink = require('${name}'); ${list}`], project);
  const exported = imported.trim();
  if (exported === '' || required.trim() !== exported)
    throw new Error(`import gives ${imported}require gives ${required}`);
  const printed = run(join(project, 'node_modules/.bin', name), ['--version'], project);
  if (!printed.includes(version))
    throw new Error(`${name} --version printed ${printed} instead of ${version}`);
}

/** Runs to the end and gives what was printed; on failure all of it is in the error. */
function run(command, args, cwd) {
  try {
    return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    throw new Error(`${command} ${args.join(' ')}\n${error.stdout}${error.stderr}`, { cause: error });
  }
}
