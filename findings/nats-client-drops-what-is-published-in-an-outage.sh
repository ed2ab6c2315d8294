#!/usr/bin/env bash
# The NATS client for Node loses what is published while its server is away, and says nothing.
#
# Behaviour: `publish()` on a connection that is reconnecting does not throw, and returns as usual. Clients of NATS are known for a
# buffer that is sent after the reconnect; this one empties its buffer at each attempt to connect. So nothing that was published in
# the outage arrives, although the connection comes back by itself, and what is published after it does arrive. Only `flush()` is
# rejected.
#
# Seen with: @nats-io/transport-node 3.4.0, nats-server 2.9.10 (Debian 12), Node 20.20.2: 0 of 20 arrive.
# Needs: npm, Node 20 or later, and nats-server in PATH or apt-get to take it from.
set -euo pipefail

folder=$(mktemp -d)
cd "$folder"
server=
trap 'if [[ -n $server ]]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi; rm -rf "$folder"' EXIT
PATH=$PATH:/usr/sbin
if ! command -v nats-server >/dev/null; then
  apt-get download -qq nats-server >/dev/null
  dpkg -x nats-server_*.deb package
  PATH=$folder/package/usr/sbin:$PATH
fi
npm install --silent --no-save --ignore-scripts @nats-io/transport-node@3.4.0 >/dev/null

start() {
  nats-server --addr 127.0.0.1 --port "$1" >"$folder/log" 2>&1 &
  server=$!
}
port=$((20000 + RANDOM % 10000))
start "$port"
cat >run.mjs <<'END'
import { connect } from '@nats-io/transport-node';
const [port] = process.argv.slice(2);
let connection;
while (connection === undefined) connection = await connect({ servers: `127.0.0.1:${port}`, reconnectTimeWait: 100 }).catch(() => {});
let arrived = { during: 0, after: 0 };
connection.subscribe('count', { callback: (_, message) => arrived[message.string()]++ });
await connection.flush();
const next = async (type) => {
  for await (const status of connection.status()) if (status.type === type) return;
};
const gone = next('disconnect');
console.log('ready');
await gone;
for (let at = 0; at < 20; at++) connection.publish('count', 'during');
// Attempts to connect go on meanwhile.
const back = next('reconnect');
await new Promise((resolve) => setTimeout(resolve, 500));
console.log('published');
await back;
connection.publish('count', 'after');
await connection.flush();
console.log(`${arrived.during} ${arrived.after}`);
await connection.close();
END
coproc node run.mjs "$port"
read -r line <&"${COPROC[0]}"
[[ $line == ready ]]
kill "$server"
wait "$server" || true
read -r line <&"${COPROC[0]}"
[[ $line == published ]]
start "$port"
read -r during after <&"${COPROC[0]}"
echo "published in the outage: $during of 20 arrived; published after it: $after of 1"
if [[ $during != 0 || $after != 1 ]]; then
  echo 'changed: what is published in an outage is no longer lost' >&2
  exit 1
fi
