#!/usr/bin/env bash
# The NATS client for Node does not reconnect while the time of day is earlier than it was at its last connection.
#
# Behaviour: between two attempts at one server the client waits for `reconnectTimeWait`, and it measures that by the time of day, not
# by a clock that only grows. Where the time of day is set back while it is connected (a virtual machine that is restored, NTP that
# steps at boot), and the server restarts, it finds at each look that not enough time has passed, and does not dial at all until the
# time of day has caught up: for an hour, if it was set back by one. Nothing is said but `disconnect`; with `maxReconnectAttempts: -1`
# it never ends either. A server that is there all the time is then never used.
#
# Seen with: @nats-io/transport-node 3.4.0, nats-server 2.9.10 (Debian 12), Node 20.20.2. Here only the process's own `Date.now` is set
# back, by an hour, in place of the machine's clock: 10 s after the restart of the server there was no attempt. Without setting it back
# the same client is connected within a second.
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
cat >run.mjs <<'END_OF_RUN'
import { connect } from '@nats-io/transport-node';
const [port, hours] = process.argv.slice(2);
const options = { servers: `127.0.0.1:${port}`, reconnectTimeWait: 200, maxReconnectAttempts: -1 };
let connection;
while (connection === undefined) connection = await connect(options).catch(() => {});
const now = Date.now;
Date.now = () => now() - Number(hours) * 3_600_000;
const next = async (type) => {
  for await (const status of connection.status()) if (status.type === type) return type;
};
const gone = next('disconnect');
console.log('ready');
await gone;
const late = new Promise((resolve) => setTimeout(resolve, 10_000, 'not connected after 10 s'));
console.log(await Promise.race([next('reconnect'), late]));
process.exit();
END_OF_RUN

# Connects, has the server restarted, and prints what became of it.
restarted() {
  start "$port"
  coproc node run.mjs "$port" "$1"
  local line
  read -r line <&"${COPROC[0]}"
  [[ $line == ready ]]
  kill "$server"
  wait "$server" || true
  start "$port"
  read -r line <&"${COPROC[0]}"
  wait "$COPROC_PID" || true
  kill "$server"
  wait "$server" || true
  server=
  printf '%s\n' "$line" >result
}
restarted 0
as_it_is=$(<result)
restarted 1
set_back=$(<result)
echo "the time of day as it is: $as_it_is; set back by an hour: $set_back"
if [[ $as_it_is != reconnect || $set_back != 'not connected after 10 s' ]]; then
  echo 'changed: the client connects again after the time of day was set back' >&2
  exit 1
fi
