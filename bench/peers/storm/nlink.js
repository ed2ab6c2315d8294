/** nlink.js DIRECTORY [print]: NamespaceWatcher with readyTimeout 0, one event at a time through `for await`. */
import { NamespaceWatcher } from '../../../dist/index.js';
import { ready } from '../reporting.js';

const [, , directory, print] = process.argv;
const watcher = await NamespaceWatcher.open({ directory, readyTimeout: 0 });
const lines = [];
let created = 0;
let deleted = 0;
let resyncs = 0;
ready(() =>
  print
    ? lines.join('')
    : `created ${created}\ndeleted ${deleted}\noverflows ${resyncs}\nrecords ${watcher.stats().records}\n`,
);
for await (const event of watcher) {
  if (event.type === 'created') created++;
  else if (event.type === 'deleted') deleted++;
  else resyncs++;
  if (print)
    lines.push(
      `${event.type === 'created' ? 'add' : event.type === 'deleted' ? 'delete' : event.type} ${event.name}\n`,
    );
}
