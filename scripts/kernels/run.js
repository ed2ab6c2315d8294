/**
 * Boots Debian's kernels in QEMU and runs tests of nlink on them, as CONTRIBUTING.md tells: a smoke
 * of the command and parts of the suite on the bare kernel, then the unit examples with systemd as
 * process 1. Ends with 1 if anything failed or could not be run.
 * Usage: run.js [KERNEL...] [--parts PART,...] [--work DIR] [--minutes N]: kernels as 6.1 or newest
 * (both by default); DIR keeps what was fetched for the next run; N minutes a boot. Root on Debian:
 * it installs what it needs by apt-get.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { choose, fetchKernel, mirrors, openArchive } from './archive.js';
import { command } from './command.js';
import { makeDisk } from './disk.js';
import { boot } from './machine.js';
import { table } from './table.js';

const KERNELS = ['6.1', 'newest'];
const PARTS = ['smoke', 'sys/', 'inotify/', 'netlink/', 'netns/', 'watch/', 'systemd'];
const NEEDED = {
  debootstrap: 'debootstrap',
  mke2fs: 'e2fsprogs',
  'qemu-system-x86_64': 'qemu-system-x86',
  unshare: 'util-linux',
};
const root = fileURLToPath(new URL('../..', import.meta.url));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    parts: { type: 'string', default: PARTS.join() },
    work: { type: 'string' },
    minutes: { type: 'string', default: '240' },
  },
});
const wanted = positionals.length === 0 ? KERNELS : positionals;
const parts = values.parts.split(',');
const minutes = Number(values.minutes);
if (process.getuid() !== 0) fail('debootstrap takes root');
if (process.arch !== 'x64') fail(`only for x86-64, which ${process.arch} is not`);
process.env['PATH'] += ':/usr/sbin:/sbin';
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

install();
const work = values.work === undefined ? mkdtempSync(join(tmpdir(), 'nlink-kernels-')) : resolve(values.work);
mkdirSync(work, { recursive: true });
if (values.work === undefined) process.on('exit', () => rmSync(work, { recursive: true, force: true }));

const rows = [];
const archive = openArchive(work);
const kernels = wanted.flatMap((version) => {
  const chosen = choose(archive, version);
  if (chosen !== undefined) return [{ wanted: version, ...fetchKernel(archive, chosen, work) }];
  for (const part of parts)
    rows.push({ kernel: version, part, result: 'cannot', note: 'no such kernel is to be had' });
  return [];
});
if (kernels.length > 0) {
  say('the disk');
  const disk = makeDisk({ work, mirror: mirrors()['Debian'], root, kernels });
  for (const kernel of kernels) await test(kernel, disk);
}
console.log(table(rows));
process.exitCode = rows.every(({ result }) => result === 'passed') ? 0 : 1;

/** One boot without systemd, one with it. */
async function test(kernel, disk) {
  const bare = parts.filter((part) => part !== 'systemd');
  if (bare.length > 0)
    await run(kernel, disk, bare, [
      'init=/opt/nlink/scripts/kernels/guest/init',
      `nlink.parts=${bare.join()}`,
    ]);
  if (parts.includes('systemd'))
    await run(
      kernel,
      disk,
      ['systemd'],
      ['systemd.wants=nlink-kernels.service', 'systemd.unit=basic.target'],
    );
}

async function run({ release, image }, disk, parts, words) {
  say(`${release}: ${parts.join(' ')}`);
  const log = join(work, `console-${release}-${parts[0].replaceAll('/', '')}.log`);
  const finished = new Map();
  const told = ({ part, text, ...figures }) => {
    if (text !== undefined) return console.log(`${release} ${part}: ${text}`);
    finished.set(part, figures);
    console.log(`${release} ${part}: ${JSON.stringify(figures)}`);
  };
  const end = await boot({ image, disk, words, console: log, minutes, told });
  for (const part of parts) {
    const figures = finished.get(part);
    if (figures === undefined)
      rows.push({ kernel: release, part, result: 'cannot', note: `it did not finish: the machine ${end}` });
    else {
      const result = figures.failed > 0 ? 'failed' : figures.passed > 0 ? 'passed' : 'cannot';
      rows.push({ kernel: release, part, result, ...figures });
    }
  }
  if (finished.size < parts.length) console.log(command('tail', ['-n', '40', log]));
}

function here(program) {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

function install() {
  const packages = Object.keys(NEEDED).flatMap((program) => (here(program) ? [] : [NEEDED[program]]));
  // Lists are needed for the mirror, too.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  if (packages.length === 0 && mirrorIsKnown()) return;
  say(`apt-get install ${packages.join(' ')}`);
  command('apt-get', ['update', '-qq'], { env });
  if (packages.length > 0)
    command('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env });
}

function mirrorIsKnown() {
  try {
    return mirrors() !== undefined;
  } catch {
    return false;
  }
}

function say(text) {
  console.log(`\n== ${text}`);
}

function fail(text) {
  console.error(`kernels: ${text}`);
  process.exit(2);
}
