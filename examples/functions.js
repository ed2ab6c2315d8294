// Makes a network namespace, asks all that can be asked about it, and deletes it again. Takes root,
// or `unshare -Urnm`.
import { once } from 'node:events';
import { createServer } from 'node:net';
import {
  Connection,
  createNamespace,
  deleteNamespace,
  identify,
  isNamespace,
  listNamespaces,
  namespaceExists,
  namespaceHolders,
  namespacePids,
  runInNamespace,
  sameNamespace,
  spawnInNamespace,
} from 'nlink';

const made = await createNamespace('guide');
console.log('made       ', await namespaceExists('guide'), await isNamespace('guide'));

const listed = (await listNamespaces()).find(({ name }) => name === 'guide');
console.log('listed     ', listed.path, listed.ready && sameNamespace(listed.namespace, made));

const connection = await Connection.open();
console.log('nsid       ', await connection.getNsid('guide'));
console.log('assigned   ', await connection.setNsid('guide', 77), await connection.getNsid('guide'));
connection.close();

// cat(1) ends with its input; it is inside as soon as it answers.
const child = await spawnInNamespace('guide', 'cat');
child.stdin.write('\n');
await once(child.stdout, 'data');
const { pids } = await namespacePids('guide');
console.log('inside     ', pids.length === 1 && pids[0] === child.pid);
const { names } = await identify({ pid: child.pid });
console.log('identified ', names.map(({ name }) => name).join());
child.stdin.end();
await once(child, 'exit');

// A server that listens inside, in this very process, which stays outside.
const server = runInNamespace('guide', () => createServer().listen(0));
const { sockets } = await namespaceHolders('guide');
console.log(
  'listening  ',
  sockets.some(({ pid }) => pid === process.pid),
);
server.close();

await deleteNamespace('guide');
console.log('deleted    ', await namespaceExists('guide'));
