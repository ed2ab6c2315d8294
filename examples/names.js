// Prints changes of names alone, and why a name cannot be entered. Does not use netlink, needs no
// privilege, and may start before there is a directory of names.
import { NamespaceWatcher } from 'nlink';

const watcher = await NamespaceWatcher.open({ emitDirectoryEvents: true, readyTimeout: 500 });
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void watcher.stop());
console.log(watcher.isWatchingNetns ? 'watching' : 'waiting for the directory');

for await (const event of watcher) {
  switch (event.type) {
    case 'created':
      console.log(
        'created  ',
        event.name,
        event.ready ? 'can be entered' : `cannot be entered: ${event.reason}`,
      );
      break;
    case 'mounted':
      console.log('mounted  ', event.name, 'can be entered now');
      break;
    case 'unmounted':
    case 'deleted':
      console.log(event.type.padEnd(9), event.name);
      break;
    case 'directoryCreated':
    case 'directoryDeleted':
      console.log('directory', event.type === 'directoryCreated' ? 'is there' : 'is gone');
      break;
    case 'resynced':
      console.log('events were lost; those before this line say what differs');
  }
}
console.log('stopped');
