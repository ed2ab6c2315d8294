#!/usr/bin/env bash
# An ordered consumer of JetStream stays silent for most of a minute after its server has crashed and is back.
#
# Behaviour: `consume()` pulls, and by default one pull lasts 30 s (`expires`). After a server was killed and started again at once,
# the client is connected again within a second, and may even get messages for a moment. Then it waits for a pull of which the
# server knows nothing, until it misses heartbeats. So in the minute after the return, with ten messages a second kept, there is a
# silence of many seconds, although connection, stream and consumer are all right. Nothing is lost. With `expires` 2,000 it is short.
#
# Seen with: @nats-io/jetstream and transport-node 3.4.0, nats-server 2.9.10 (Debian 12), Node 20.20.2: 40 s by default, 2 s with 2,000.
# Needs: npm, Node 20 or later, and nats-server in PATH or apt-get to take it from. Takes two minutes and a half.
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
npm install --silent --no-save --ignore-scripts @nats-io/transport-node@3.4.0 @nats-io/jetstream@3.4.0 >/dev/null

start() {
  nats-server --addr 127.0.0.1 --port "$1" --jetstream --store_dir "$folder/store" >"$folder/log" 2>&1 &
  server=$!
}
cat >run.mjs <<'END'
import { connect } from '@nats-io/transport-node';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
const [port, expires] = process.argv.slice(2);
const options = { servers: `127.0.0.1:${port}`, reconnectTimeWait: 100, maxReconnectAttempts: -1 };
let connection;
while (connection === undefined) connection = await connect(options).catch(() => {});
await (await jetstreamManager(connection)).streams.add({ name: 'one', subjects: ['one'], storage: 'file' });
const js = jetstream(connection);
await js.publish('one', 'before');
const consumer = await js.consumers.get('one');
const messages = await consumer.consume(expires === '' ? {} : { expires: Number(expires) });
const other = await connect(options);
const start = () => performance.now() / 1000;
let [last, longest, back] = [start(), 0, Infinity];
(async () => {
  for await (const message of messages) {
    const now = start();
    if (now > back && message.string() === 'after') longest = Math.max(longest, now - last);
    last = now;
  }
})();
await new Promise((resolve) => setTimeout(resolve, 500));
console.log('ready');
await new Promise((resolve) => process.stdin.once('data', resolve));
while (!(await jetstream(other).publish('one', 'first').then(() => true, () => false)));
back = last = start();
for (let end = back + 60; start() < end; await new Promise((resolve) => setTimeout(resolve, 100)))
  await jetstream(other).publish('one', 'after');
console.log(Math.max(longest, start() - last).toFixed(1));
process.exit(0);
END

# The longest time without a message in the minute after the return of the server, in which ten a second are kept.
silence() {
  local port=$((20000 + RANDOM % 10000)) line
  rm -rf store
  start "$port"
  coproc node run.mjs "$port" "$1"
  read -r line <&"${COPROC[0]}"
  [[ $line == ready ]]
  kill -9 "$server"
  wait "$server" 2>/dev/null || true
  start "$port"
  echo go >&"${COPROC[1]}"
  read -r line <&"${COPROC[0]}"
  kill "$server"
  wait "$server" || true
  server=
  printf -v "$2" %s "$line"
}
silence 2000 short
silence '' long
echo "silent for $short s with expires 2,000, for $long s by default"
if ((${short%.*} > 10 || ${long%.*} < 20)); then
  echo 'changed: the silence is another' >&2
  exit 1
fi
