#!/usr/bin/env bash
# Installs what `npm run test:world` runs: container runtimes and sandboxes of Debian 12, and what they call. As root. No
# service is started, neither by a package (policy-rc.d) nor by hand: each runtime gets a sandbox of its own later.
set -euo pipefail

packages=(
  busybox-static iproute2 iptables mount uidmap util-linux
  docker.io
  podman crun netavark fuse-overlayfs
  containerd containernetworking-plugins runc
  lxc
  slirp4netns passt
  firejail bubblewrap procps systemd
  frr
  prometheus prometheus-node-exporter
  nats-server
)

missing=()
for package in "${packages[@]}"; do
  [[ $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) == "install ok installed" ]] || missing+=("$package")
done
# The newest one stands beside it, in build/. Without it, or without a network, its tests say so.
newest() {
  local here
  here=$(dirname "${BASH_SOURCE[0]}")
  "$here/nats-server.sh" sid "$here/../../build/world/nats-server" >/dev/null || true
}

if ((${#missing[@]} == 0)); then
  newest
  exit 0
fi

if ((EUID != 0)); then
  echo "world: ${missing[*]} are missing; run scripts/world/install.sh as root" >&2
  exit 1
fi

# A package that starts its service would start it on the host.
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
wait_for_lock=(-o DPkg::Lock::Timeout=600)
apt-get "${wait_for_lock[@]}" update -qq
apt-get "${wait_for_lock[@]}" install -y -qq --no-install-recommends "${missing[@]}" </dev/null
newest
