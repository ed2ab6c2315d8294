// Prints on which hosts a name can be entered, and how that changes: `node where.js NAME [SERVER]`.
import { FleetWatcher, natsTransport } from 'nlink-fleet';

const [name, servers] = process.argv.slice(2);
const fleet = await FleetWatcher.open({ transport: natsTransport({ servers }) });
/** The ids of the hosts that have it, as it was printed last. */
const printed = new Set();

/** Looks at what is on a host now, whatever the event said: after a loss as well. */
function look({ id, name: host, state }) {
  const names = fleet.namespaces(id).flatMap((namespace) => namespace.names);
  const has = names.some((each) => each.name === name && each.ready);
  if (has === printed.has(id)) return;
  if (has) printed.add(id);
  else printed.delete(id);
  // An object, so that a name with control characters is escaped.
  console.log(has ? 'there' : 'gone', { host, state });
}

for (const host of fleet.hosts()) look(host);
for await (const event of fleet) {
  switch (event.type) {
    case 'connection':
      // Not live: what is known may be old.
      console.log('connection', event.state);
      break;
    case 'hostRemoved':
      printed.delete(event.host.id);
      break;
    case 'hostLate':
      // What was on it is kept: it may be so still.
      console.log('late', { host: event.host.name });
      break;
    default:
      look(event.host);
  }
}
