#!/usr/bin/env bash
# FRR's zebra with a VRF for each network namespace (`zebra -n`) watches /run/netns for names. If that directory is not there when zebra
# starts, as on a host where nobody has run `ip netns add` since boot, zebra says once "failed to add watch (No such file or
# directory)", goes on, and never sees a name that is made later: no VRF, no id. Only another start helps. The first name
# that is made makes the directory, so it is the first namespace of all that is missed, and every one after it. zebra tries to make the directory
# itself, but as the user frr, who may not write in /run.
#
# Seen with: frr 8.4.4-1.1~deb12u2 (Debian 12), iproute2 6.1.0, Linux 6.18. What shows whether zebra took a name up: it assigns an id to
# each, which `ip netns list-id` prints.
#
# Needs root, apt-get, iproute2, util-linux. Everything runs in mount, network and PID namespaces of its own.
set -euo pipefail

PACKAGES=(frr=8.4.4-1.1~deb12u2 libyang2=2.1.30-2 libjson-c5=0.16-2)

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
chmod 755 "$temporary"
cd "$temporary"
apt-get update -qq
apt-get download -qq "${PACKAGES[@]}" 2>/dev/null
for package in *.deb; do dpkg -x "$package" root; done
libraries=$temporary/root/usr/lib/$(uname -m)-linux-gnu:$temporary/root/usr/lib/$(uname -m)-linux-gnu/frr

# zebra looks for its user and groups; the first entry counts.
{ echo 'frr:x:4711:4711::/:/bin/false'; cat /etc/passwd; } >passwd
{ printf '%s\n' 'frr:x:4711:' 'frrvty:x:4712:frr'; cat /etc/group; } >group

cat >inside.sh <<'INSIDE'
set -euo pipefail
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs tmpfs /var/tmp
mount --bind "$1/passwd" /etc/passwd
mount --bind "$1/group" /etc/group
mkdir /run/frr
chown 4711:4711 /run/frr
if [[ $3 == before ]]; then mkdir /run/netns; fi
LD_LIBRARY_PATH=$2 "$1/root/usr/lib/frr/zebra" -n -f /dev/null -i /run/frr/pid -z /run/frr/api --vty_socket /run/frr \
  -P 0 --log stdout >/run/log 2>&1 &
zebra=$!
# It has said that it started, or has ended.
for ((i = 0; i < 100; i++)); do
  grep -q starting /run/log 2>/dev/null && break
  kill -0 "$zebra"
  sleep 0.1
done
sleep 1
ip netns add blue
seen=no
for ((i = 0; i < 50; i++)); do
  if ip netns list-id | grep -q 'name: blue'; then seen=yes && break; fi
  sleep 0.1
done
grep -o 'failed to add watch.*' /run/log >&2 || true
kill -0 "$zebra"
echo "$seen"
INSIDE

look() {
  unshare -mnp --propagation private --fork --kill-child --mount-proc bash inside.sh "$temporary" "$libraries" "$1" | tail -n 1
}

with=$(look before)
without=$(look later)
echo "/run/netns was there when zebra started: name taken up: $with"
echo "/run/netns came later:                   name taken up: $without"
if [[ $with == yes && $without == no ]]; then
  echo "as found"
else
  echo "not as found: it should be yes, then no" >&2
  exit 1
fi
