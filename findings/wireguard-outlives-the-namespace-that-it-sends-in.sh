#!/usr/bin/env bash
# A WireGuard interface outlives the network namespace that it was made in, and can never be set up again: "Machine is not on the network".
#
# Behaviour: a WireGuard interface sends and receives by a socket in the namespace where it was made, also after it was moved to another
# one. That is documented, and useful. But nothing tells which namespace that is (`ip -details link`, `wg show`), the interface does
# not keep it alive, and its end does not end the interface, as it does that of a vxlan or gre: the socket is closed, the interface stays, loses its
# carrier (`NO-CARRIER`), and looks as if it could be repaired. Set down and up again it fails with ENONET, for ever.
#
# Seen with: iproute2 6.1.0 (Debian 12) on Linux 6.1.192 and 7.3.4 (Debian's cloud kernels).
#
# Needs root, and a kernel with wireguard (Debian's has it). Everything runs in namespaces of its own.
set -euo pipefail

if [[ ${1:-} != inside ]]; then exec unshare --mount --net --propagation private bash "$0" inside; fi
mount -t tmpfs tmpfs /run
ip netns add birthplace
ip -n birthplace link add one type wireguard
ip -n birthplace link set one netns $$
ip link set one up
ip netns del birthplace
# The kernel takes the namespace down a moment later.
for _ in {1..100}; do
  line=$(ip -oneline link show one)
  if [[ $line == *NO-CARRIER* ]]; then break; fi
  sleep 0.1
done
echo "$(uname -r): after the end of its birthplace: $line"
ip link set one down
said=$(ip link set one up 2>&1) && status=0 || status=$?
echo "ip link set one up: $status, $said"
if [[ $status != 2 || $said != *'Machine is not on the network'* ]]; then
  echo 'changed' >&2
  exit 1
fi
