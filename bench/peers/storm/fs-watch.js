/** fs-watch.js DIRECTORY [print]: fs.watch. It calls creation and deletion both "rename", and does not tell of a loss. */
import { watch } from 'node:fs';
import { ready } from '../reporting.js';

const [, , directory, print] = process.argv;
const lines = [];
let events = 0;
watch(directory, (_, name) => {
  events++;
  if (print) lines.push(`rename ${name}\n`);
});
ready(() => (print ? lines.join('') : `events ${events}\n`));
