/**
 * idle.js KIND DIRECTORY: opens a watcher (or nothing, or just koffi, for comparison) and does
 * nothing. Needs --expose-gc, so that memory is what is in use. Reports what keeps the event loop
 * busy.
 */
import { ready } from './reporting.js';

const [, , kind, directory] = process.argv;

const kinds = {
  async bare() {},
  async koffi() {
    const { default: koffi } = await import('koffi');
    koffi.load(null);
  },
  async nlink() {
    const { NamespaceWatcher } = await import('../../dist/index.js');
    return NamespaceWatcher.open({ directory });
  },
  async unified() {
    const { UnifiedNamespaceWatcher } = await import('../../dist/index.js');
    return UnifiedNamespaceWatcher.open({ directory });
  },
  async 'fs.watch'() {
    const { watch } = await import('node:fs');
    watch(directory, () => {});
  },
  async chokidar() {
    const { watch } = await import('chokidar');
    const watcher = watch(directory, { ignoreInitial: true });
    watcher.on('add', () => {});
    await new Promise((resolve) => watcher.once('ready', resolve));
  },
  async parcel() {
    const { subscribe } = await import('@parcel/watcher');
    await subscribe(directory, () => {});
  },
};

const watcher = await kinds[kind]();
for (let turn = 0; turn < 3; turn++) {
  await new Promise((resolve) => setImmediate(resolve));
  globalThis.gc();
}
ready(() => {
  const active = process.getActiveResourcesInfo();
  const timers = active.filter((name) => name === 'Timeout' || name === 'Immediate').length;
  return `timers ${timers}\nnames ${watcher?.namespaces().length ?? 0}\n`;
});
