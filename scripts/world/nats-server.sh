#!/usr/bin/env bash
# Unpacks the nats-server of another Debian suite into a directory, and prints the path of the program:
#
#     scripts/world/nats-server.sh sid DIRECTORY
#
# From the mirror that apt on this machine is configured with. apt gets directories of its own for
# lists and packages, so nothing of the system changes, and no root is needed. A directory that has it is left as it is.
set -euo pipefail

suite=${1:?"the suite: trixie, sid..."}
mkdir -p "${2:?"the directory"}"
directory=$(cd "$2" && pwd)
program=$directory/usr/sbin/nats-server

if [[ ! -x $program ]]; then
  read -r uri < <(apt-get indextargets --format '$(REPO_URI)' \
    'Identifier: Packages' 'Origin: Debian' 'Label: Debian' 'Component: main' | sort -u) || true
  [[ -n ${uri:-} ]] || {
    echo "nats-server.sh: apt has no Debian mirror configured, or no lists yet: apt-get update" >&2
    exit 1
  }
  apt=$directory/apt
  mkdir -p "$apt"/{lists/partial,cache/archives/partial,parts}
  keys=/usr/share/keyrings/debian-archive-keyring.gpg
  [[ ! -e $keys ]] || signed="[signed-by=$keys]"
  echo "deb ${signed:-} $uri $suite main" >"$apt/sources.list"
  options=(
    -o "Dir::Etc::SourceList=$apt/sources.list" -o "Dir::Etc::SourceParts=$apt/parts"
    -o "Dir::State::Lists=$apt/lists" -o "Dir::Cache=$apt/cache"
    -o "APT::Sandbox::User=$(id -un)" -o Acquire::Languages=none
  )
  apt-get "${options[@]}" update -qq >&2
  (cd "$apt" && apt-get "${options[@]}" download -qq nats-server >&2)
  dpkg-deb --extract "$apt"/nats-server_*.deb "$directory"
  rm -r "$apt"
fi
echo "$program"
