/**
 * Debian's kernels, by apt(8) with lists of its own (apt.conf(5), APT_CONFIG): the mirror is the
 * one that the machine's apt uses, and nothing of that apt is changed. The cloud flavour: what it
 * boots from in QEMU is built in.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from './command.js';

/** Suites with kernels: 6.1 is bookworm's, the newest are backported to the release after it. */
const SUITES = [
  { suite: 'bookworm', label: 'Debian' },
  { suite: 'bookworm-security', label: 'Debian-Security' },
  { suite: 'bookworm-backports', label: 'Debian' },
  { suite: 'trixie-backports', label: 'Debian' },
];
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** The address of Debian's archive, and of its security updates, as this machine's apt has them. */
export function mirrors() {
  const format = '$(ORIGIN)\t$(LABEL)\t$(REPO_URI)';
  const targets = command('apt-get', ['indextargets', '--format', format, 'Created-By: Packages']);
  const found = {};
  for (const line of targets.split('\n')) {
    const [origin, label, address] = line.split('\t');
    if (origin === 'Debian') found[label] ??= address;
  }
  if (found['Debian'] === undefined) throw new Error('apt has no lists of Debian here: apt-get update');
  return found;
}

/** All kernels that there are: `{ name, version }`, oldest first. */
export function openArchive(work) {
  const directory = join(work, 'apt');
  for (const path of ['lists/partial', 'cache/archives/partial'])
    mkdirSync(join(directory, path), { recursive: true });
  const known = mirrors();
  const sources = SUITES.filter(({ label }) => known[label] !== undefined)
    .map(({ suite, label }) => `deb [signed-by=${KEYRING}] ${known[label]} ${suite} main\n`)
    .join('');
  writeFileSync(join(directory, 'sources.list'), sources);
  const settings = {
    'Dir::Etc::sourcelist': join(directory, 'sources.list'),
    'Dir::Etc::sourceparts': '-',
    'Dir::Etc::preferences': '-',
    'Dir::Etc::preferencesparts': '-',
    'Dir::State::lists': join(directory, 'lists'),
    'Dir::Cache': join(directory, 'cache'),
    // The images of containers keep no cache, which is made anew then at each question.
    'Dir::Cache::pkgcache': 'pkgcache.bin',
    'Dir::Cache::srcpkgcache': 'srcpkgcache.bin',
    // Downloads go to a directory that only root may enter.
    'APT::Sandbox::User': 'root',
  };
  const file = join(directory, 'apt.conf');
  const lines = Object.entries(settings).map(([key, value]) => `${key} "${value}";\n`);
  writeFileSync(file, lines.join(''));
  const env = { ...process.env, APT_CONFIG: file };
  // A suite that the mirror does not have is no failure: its kernels are missing then.
  const { status, stderr } = spawnSync('apt-get', ['update', '-qq'], { env, encoding: 'utf8' });
  if (status !== 0) console.error(`kernels: not all lists are to be had:\n${stderr.trim()}`);

  const names = command('apt-cache', ['search', '--names-only', '^linux-image-[0-9].*-cloud-amd64$'], { env })
    .split('\n')
    .map((line) => line.split(' ')[0])
    .filter((name) => name !== '');
  const shown = command('apt-cache', ['show', '--no-all-versions', ...names], { env });
  const kernels = shown
    .split('\n\n')
    .filter((paragraph) => paragraph.startsWith('Package: '))
    .map((paragraph) => ({
      name: /^Package: (.+)$/m.exec(paragraph)[1],
      version: /^Version: (.+)$/m.exec(paragraph)[1],
    }));
  kernels.sort((a, b) => a.version.localeCompare(b.version, 'en', { numeric: true }));
  return { env, kernels };
}

/** The newest kernel of `wanted`, a version as 6.1, or `newest`; undefined: there is none. */
export function choose({ kernels }, wanted) {
  const fitting = kernels.filter(({ version }) => wanted === 'newest' || version.startsWith(`${wanted}.`));
  return fitting.at(-1);
}

/**
 * Downloads a kernel and unpacks it: `{ release, image, modules }`, the release as uname -r tells
 * it.
 */
export function fetchKernel({ env }, { name, version }, work) {
  const unpacked = join(work, 'kernels', `${name}_${version}`);
  if (!existsSync(unpacked)) {
    const packages = join(work, 'packages');
    rmSync(packages, { recursive: true, force: true });
    mkdirSync(packages);
    // Newer ones are in parts, and the named one is empty.
    const depends = command('apt-cache', ['depends', '--no-recommends', '--no-suggests', name], { env });
    const parts = [...depends.matchAll(/Depends: (linux-(?:binary|modules)-\S+)/g)].map(([, part]) => part);
    const partial = `${unpacked}.partial`;
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { recursive: true });
    // By name alone: apt-get takes a name that it does not know for an expression.
    for (const part of [name, ...parts])
      command('apt-get', ['download', '-qq', `${part}=${version}`], { env, cwd: packages });
    for (const file of readdirSync(packages)) command('dpkg-deb', ['-x', join(packages, file), partial]);
    rmSync(packages, { recursive: true });
    command('mv', [partial, unpacked]);
  }
  const modules = ['lib/modules', 'usr/lib/modules'].map((path) => join(unpacked, path)).find(existsSync);
  if (modules === undefined) throw new Error(`${name} has no modules`);
  const [release] = readdirSync(modules);
  const places = [join(unpacked, 'boot', `vmlinuz-${release}`), join(modules, release, 'vmlinuz')];
  const image = places.find(existsSync);
  if (image === undefined) throw new Error(`${name} has no image of a kernel`);
  return { release, image, modules: join(modules, release) };
}
