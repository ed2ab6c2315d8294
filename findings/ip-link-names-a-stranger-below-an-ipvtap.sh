#!/usr/bin/env bash
# `ip link` shows a wrong device below an ipvtap that was moved to another network namespace: whatever has that index there.
#
# Behaviour: an ipvtap stands on a lower device, which stays in the namespace where the ipvtap was made. Of an ipvlan, which is the same but
# for the way in, the kernel says in which namespace the lower device is (IFLA_LINK_NETNSID), and `ip link` prints `one@if50 … link-netnsid 0`.
# Of an ipvtap it gives the index alone, since its link operations have no get_link_net (drivers/net/ipvlan/ipvtap.c). An index without a
# namespace means one's own, so `ip link` prints the name of the device that has the index there, which has nothing to do with it. Nobody
# can tell afterwards: neither the right namespace nor that the name is wrong.
#
# Seen with: iproute2 6.1.0 (Debian 12) on Linux 6.1.192 and 7.3.4 (Debian's cloud kernels): `one@stranger` and no namespace for an ipvtap,
# `one@if50` and `link-netnsid` for an ipvlan.
#
# Needs root, and a kernel with dummy, ipvlan and ipvtap (Debian's has them). Everything runs in namespaces of its own.
set -euo pipefail

if [[ ${1:-} != inside ]]; then exec unshare --mount --net --propagation private bash "$0" inside; fi
mount -t tmpfs tmpfs /run
ip netns add other
ip link add low index 50 type dummy
ip -n other link add stranger index 50 type dummy
seen=
for kind in ipvlan ipvtap; do
  ip link add link low name one type "$kind"
  ip link set one netns other
  line=$(ip -n other -oneline link show one)
  [[ $line =~ one@([a-z0-9]+) ]]
  below=${BASH_REMATCH[1]}
  [[ $line == *link-netns* ]] && where=yes || where=no
  echo "$(uname -r), $(ip -V): $kind on a device of another namespace: one@$below, link-netnsid: $where"
  seen+="$kind $below $where;"
  ip -n other link del one
done
if [[ $seen != 'ipvlan if50 yes;ipvtap stranger no;' ]]; then
  echo 'changed' >&2
  exit 1
fi
