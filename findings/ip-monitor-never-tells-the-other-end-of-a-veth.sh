#!/usr/bin/env bash
# `ip monitor link` shows one end of each new veth as `@NONE`, and never says where it leads.
#
# Behaviour: the kernel makes the two ends of a veth one after the other, and announces the first (the one behind `peer`) before there is a second:
# IFLA_LINK is 0, and `ip monitor` prints `two@NONE`. It does not announce it again when the second is there. Who reads notifications alone
# thus knows half of all ends, also of those in one namespace. Nor does it announce an end when the other one is moved to another
# namespace or renamed, as long as both are down. To know where an end leads, one has to ask (`ip link show`) after each event.
#
# Seen with: iproute2 6.1.0 (Debian 12) on Linux 6.1.192, 6.18.44 and 7.3.4.
#
# Needs root. Everything runs in namespaces of its own.
set -euo pipefail

if [[ ${1:-} != inside ]]; then exec unshare --mount --net --propagation private bash "$0" inside; fi
mount -t tmpfs tmpfs /run
ip netns add other
ip monitor link >>/run/said 2>&1 &
monitor=$!
trap 'kill "$monitor" 2>/dev/null || true' EXIT

# Waits until a bridge that is made now has been told of: so is all that was before.
count=0
settled() {
  for _ in {1..100}; do
    count=$((count + 1))
    ip link add "bridge$count" type bridge
    sleep 0.1
    if grep -q "bridge$count:" /run/said; then return; fi
  done
  echo 'ip monitor tells nothing' >&2
  exit 1
}

settled
: >/run/said

ip link add name one type veth peer name two
settled
ends=$(grep -o ' \(one\|two\)@[a-zA-Z]*' /run/said | sort | tr -d '\n')
echo "$(uname -r), $(ip -V): the ends of a new veth are told as$ends"
: >/run/said
ip link set two netns other
settled
told=$(grep -c '[0-9]: one@' /run/said || true)
shown=$(ip -oneline link show one)
[[ $shown == *link-netns* ]] && where=yes || where=no
echo "two is moved: told of one: $told times; asked, it has another namespace: $where"
if [[ $ends != ' one@two two@NONE' || $told != 0 || $where != yes ]]; then
  echo 'changed' >&2
  exit 1
fi
