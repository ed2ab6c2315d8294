#!/usr/bin/env bash
# Whether `unshare --mount=FILE` works depends on the processor that it runs on (Linux 6.18).
#
# Behaviour: the kernel refuses to bind the file of a mount namespace in one that is not older, so that they cannot hold each other in a
# circle; it tells the older by a number that only grows. Since that number is the namespace's id, which each processor takes from
# a batch of its own, it does not grow over all processors: a mount namespace that was made later on another processor may
# have a smaller number. Then the bind is refused with EINVAL, and unshare(1) says "mount /proc/PID/ns/mnt on FILE failed: Invalid argument". The same
# command works on the processor on which the outer mount namespace was made. In a service or container (which has a
# mount namespace of its own) it thus fails at random, or always, by where it was started.
#
# Seen with: Linux 6.18.44, util-linux 2.38.1 (Debian 12), two processors: with the outer mount namespace made on processor 1, 12 of 12
# tries failed on processor 0, and none on processor 1.
#
# Needs root and two processors. Everything runs in mount namespaces of its own.
set -euo pipefail

(($(nproc) > 1)) || { echo 'needs two processors' >&2; exit 1; }
inside=$(mktemp)
trap 'rm -f "$inside"' EXIT
cat >"$inside" <<'INSIDE'
mount -t tmpfs tmpfs /mnt
mount --make-private /mnt
for processor in 0 1; do
  failed=0
  for try in 1 2 3 4 5 6; do
    touch /mnt/file
    if taskset -c "$processor" unshare --mount=/mnt/file true 2>/mnt/said; then umount -l /mnt/file; else failed=$((failed + 1)); fi
  done
  echo "$1 $processor $failed $(cat /mnt/said)"
done
INSIDE

seen=0
for outer in 0 1; do
  while read -r made started failed said; do
    echo "outer mount namespace made on processor $made, unshare on $started: $failed of 6 failed${said:+: $said}"
    if ((made != started && failed == 6)); then seen=1; fi
    if ((made == started && failed > 0)); then echo 'changed: it fails on one processor, too' >&2; exit 1; fi
  done < <(taskset -c "$outer" unshare -m --propagation private bash "$inside" "$outer")
done
if ((seen == 0)); then echo 'changed: it works on either processor' >&2; exit 1; fi
