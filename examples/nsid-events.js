// Prints the nsids in its own network namespace: those that are assigned, then each that comes and
// goes. Needs no privilege. Start it, then in another terminal, as root:
//
//   ip netns add blue; ip netns set blue 7; ip netns del blue
import { Connection, listNamespaces, NamespaceEventSubscriber } from 'nlink';

const connection = await Connection.open();
const subscriber = await NamespaceEventSubscriber.open();
const there = subscriber.nsids();

// The kernel reports nsids, not names, and has no way from an nsid to a name. So this asks each name
// for its nsid. Null (none) and an error (a stale name) match no nsid.
async function namesByNsid() {
  const named = await listNamespaces();
  const nsids = await connection.getNsids(named.map(({ path }) => ({ path })));
  return new Map(nsids.map((nsid, index) => [nsid, named[index].name]));
}

const names = await namesByNsid();
for (const nsid of there) console.log('there   ', nsid, names.get(nsid) ?? '(no name)');

for await (const event of subscriber) {
  if (event.type === 'newNsid') {
    names.set(event.nsid, (await namesByNsid()).get(event.nsid));
    console.log('assigned', event.nsid, names.get(event.nsid) ?? '(no name)');
  } else if (event.type === 'delNsid') {
    // The namespace and its name are gone: this is the name that it had when it got the nsid.
    console.log('removed ', event.nsid, names.get(event.nsid) ?? '(no name)');
  } else {
    console.log('notifications were lost; the events before this say what differed:', event.reason);
  }
}
