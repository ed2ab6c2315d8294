// Tells of namespace ids in the network namespace that it runs in: those that are there, then each
// that comes and goes. Needs no privilege. Start it, then in another terminal, as root: ip netns
// add blue; ip netns set blue 7; ip netns del blue
import { Connection, listNamespaces, NamespaceEventSubscriber } from 'nlink';

const connection = await Connection.open();
const subscriber = await NamespaceEventSubscriber.open();
const there = subscriber.nsids();

// The kernel tells ids, not names, and knows no way from an id to a name: so each name is asked for
// its id. What is null (no id) or an error (a stale name) is the id of nobody, and is found by
// nobody.
async function namesById() {
  const named = await listNamespaces();
  const nsids = await connection.getNsids(named.map(({ path }) => ({ path })));
  return new Map(nsids.map((nsid, index) => [nsid, named[index].name]));
}

const names = await namesById();
for (const nsid of there) console.log('there   ', nsid, names.get(nsid) ?? '(no name)');

for await (const event of subscriber) {
  if (event.type === 'newNsid') {
    names.set(event.nsid, (await namesById()).get(event.nsid));
    console.log('assigned', event.nsid, names.get(event.nsid) ?? '(no name)');
  } else if (event.type === 'delNsid') {
    // The namespace is no more, and its name went before: this is what it was called when it got
    // the id.
    console.log('removed ', event.nsid, names.get(event.nsid) ?? '(no name)');
  } else {
    console.log('notifications were lost, and what differed has been told:', event.reason);
  }
}
