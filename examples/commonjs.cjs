// The same library in a CommonJS program: require() of an ES module, Node.js 20.19 or later.
const { NamespaceWatcher } = require('nlink');

async function main() {
  const { namespaces, watcher } = await NamespaceWatcher.listAndWatch();
  console.log(namespaces.length, 'there');
  // Without a loop: one event, then the end.
  const event = await watcher.recv();
  console.log(event.type, event.name);
  await watcher.stop();
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
