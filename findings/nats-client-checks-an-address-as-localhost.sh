#!/usr/bin/env bash
# The NATS client for Node compares the certificate of a server that is called by an address with the name `localhost`.
#
# Behaviour: with `servers: 'tls://127.0.0.1:PORT'` and a certificate whose subject alternative name is that address (as RFC 6125 and
# every TLS library want it) the connection is refused: "Host: localhost. is not cert's CN". The
# client gives tls.connect() neither `host` nor `servername` where the server is called by an address, and Node then compares with
# `localhost`. So it takes a certificate that names `localhost`, or a `checkServerIdentity` of one's own. openssl takes the same
# certificate for the same address.
#
# Seen with: @nats-io/transport-node 3.4.0, nats-server 2.9.10 (Debian 12), Node 20.20.2, openssl 3.0.
# Needs: npm, Node 20 or later, openssl, and nats-server in PATH or apt-get to take it from.
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

# A certificate of 127.0.0.1 alone, which is its own authority.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=broker \
  -addext 'subjectAltName = IP:127.0.0.1' -keyout key.pem -out cert.pem 2>/dev/null
port=$((20000 + RANDOM % 10000))
nats-server --addr 127.0.0.1 --port "$port" --tls --tlscert cert.pem --tlskey key.pem >log 2>&1 &
server=$!
until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do sleep 0.1; done

cat >run.mjs <<'END_OF_RUN'
import { connect } from '@nats-io/transport-node';
const [port] = process.argv.slice(2);
try {
  const connection = await connect({ servers: `tls://127.0.0.1:${port}`, tls: { caFile: 'cert.pem' } });
  console.log('connected');
  await connection.close();
} catch (error) {
  console.log(error.cause?.message ?? error.message);
}
END_OF_RUN
client=$(node run.mjs "$port")
openssl verify -CAfile cert.pem -verify_ip 127.0.0.1 cert.pem >verified 2>&1 || true
echo "the client: $client"
echo "openssl, of the same certificate and address: $(<verified)"
if [[ $client != *'Host: localhost.'* || $(<verified) != 'cert.pem: OK' ]]; then
  echo 'changed: a certificate of the address is compared with the address' >&2
  exit 1
fi
