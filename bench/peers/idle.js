/**
 * idle.js bare|koffi|nlink DIRECTORY: opens a watcher (or nothing, or just koffi, for comparison) and does nothing. Needs
 * --expose-gc, so that memory is what is in use. Reports what keeps the event loop busy.
 */
import { ready } from './reporting.js';

const [, , kind, directory] = process.argv;
let watcher;
if (kind === 'koffi') {
  const { default: koffi } = await import('koffi');
  koffi.load(null);
} else if (kind === 'nlink') {
  const { NamespaceWatcher } = await import('../../dist/index.js');
  watcher = await NamespaceWatcher.open({ directory });
}
for (let turn = 0; turn < 3; turn++) {
  await new Promise((resolve) => setImmediate(resolve));
  globalThis.gc();
}
ready(() => {
  const active = process.getActiveResourcesInfo();
  return `timers ${active.filter((name) => name === 'Timeout' || name === 'Immediate').length}\nnames ${watcher?.namespaces().length ?? 0}\n`;
});
