/**
 * A kernel in QEMU without KVM (qemu(1)), with the disk as NVMe, whose driver Debian's cloud
 * kernels have built in. Its first serial line is the console, which goes to a file; the second is
 * what the programs inside report, line by line (guest/report.js). What is written to the disk is
 * gone afterwards.
 */
import { spawn } from 'node:child_process';
import { openSync, closeSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** Without KVM a processor is emulated by a thread of the host. */
const PROCESSORS = 2;
const MEMORY = '1536M';

/**
 * Boots, hands each report to `told`, and waits for the machine to stop.
 * @returns how that came, as the end of a sentence: stopped, if by itself
 */
export async function boot({ image, disk, words, console: log, minutes, told }) {
  const append = [
    'console=ttyS0',
    'root=/dev/nvme0n1',
    'rootwait',
    'rw',
    'panic=-1',
    'mitigations=off',
    // The host may be too busy for its look at how regularly the timer ticks.
    'no_timer_check',
    ...words,
  ];
  const args = ['-accel', 'tcg', '-cpu', 'max', '-smp', `${PROCESSORS}`, '-m', MEMORY];
  args.push('-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot');
  args.push('-kernel', image, '-append', append.join(' '));
  args.push('-drive', `file=${disk},if=none,id=disk,format=raw,snapshot=on`);
  args.push('-device', 'nvme,serial=nlink,drive=disk');
  args.push('-serial', `file:${log}`, '-serial', 'stdio');
  const complaints = openSync(`${log}.qemu`, 'w');
  // Others of this machine go first; and it never outlives this program.
  const modest = ['--pdeathsig', 'KILL', 'nice', '-n', '10', 'qemu-system-x86_64'];
  const machine = spawn('setpriv', [...modest, ...args], { stdio: ['ignore', 'pipe', complaints] });
  closeSync(complaints);
  const kill = () => machine.kill('SIGKILL');
  process.on('exit', kill);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    kill();
  }, minutes * 60_000);
  createInterface({ input: machine.stdout }).on('line', (line) => {
    if (line.startsWith('{')) told(JSON.parse(line));
  });
  const status = await new Promise((resolve, reject) => {
    machine.once('error', reject);
    machine.once('close', (code, signal) => resolve(code ?? signal));
  });
  clearTimeout(timer);
  process.off('exit', kill);
  if (late) return `ended after ${minutes} minutes`;
  return status === 0 ? 'stopped' : `QEMU ended with ${status}, see ${log}.qemu`;
}
