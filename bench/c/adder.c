/*
 * adder DIRECTORY COUNT GAP_US PAUSE_US: adds named network namespaces one at a time with the system calls of
 * `ip netns add` (file, unshare, bind mount), a random pause of up to PAUSE_US between file and mount, GAP_US after each.
 * Prints NAME and the nanoseconds before open(2), before mount(2) and after it. Removes all of them when stdin ends.
 */
#include "common.h"
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>

struct addition {
  char path[32];
  int64_t file, mounting, mounted;
};

static void pause_us(unsigned microseconds) {
  struct timespec time = {microseconds / 1000000, microseconds % 1000000 * 1000L};
  if (microseconds > 0) nanosleep(&time, NULL);
}

static void add(struct addition *it, unsigned pause) {
  it->file = now();
  int fd = open(it->path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
  if (fd < 0) die(it->path);
  close(fd);
  if (unshare(CLONE_NEWNET) < 0) die("unshare");
  pause_us(pause);
  it->mounting = now();
  if (mount("/proc/self/ns/net", it->path, "none", MS_BIND, NULL) < 0) die("mount");
  it->mounted = now();
}

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (chdir(argv[1]) < 0) die(argv[1]);
  int count = atoi(argv[2]), gap = atoi(argv[3]), pause = atoi(argv[4]);
  struct addition *all = calloc(count, sizeof *all);
  if (all == NULL) die("calloc");
  srand(1);
  for (int i = 0; i < count; i++) {
    snprintf(all[i].path, sizeof all[i].path, "added-%d", i);
    add(&all[i], pause > 0 ? rand() % pause : 0);
    pause_us(gap);
  }
  for (int i = 0; i < count; i++) {
    printf("%s %lld %lld %lld\n", all[i].path, (long long)all[i].file, (long long)all[i].mounting,
           (long long)all[i].mounted);
  }
  say_ready();
  while (getchar() != EOF) continue;
  for (int i = 0; i < count; i++) {
    if (umount2(all[i].path, MNT_DETACH) < 0 || unlink(all[i].path) < 0) die(all[i].path);
  }
  return 0;
}
