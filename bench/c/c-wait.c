/*
 * c-wait DIRECTORY: the least that a program must do to say when a new name can be entered. Waits on inotify and, for
 * mount changes, on /proc/self/mountinfo (POLLPRI); after each wake asks statfs(2) of the names that are not ready yet.
 * On SIGTERM prints NAME and the nanosecond at which it was found ready.
 */
#include "common.h"
#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/vfs.h>

#define MAX_NAMES 100000
#define NSFS_MAGIC 0x6e736673

static struct { char name[32]; int64_t ready; } names[MAX_NAMES];
static int known, pending[MAX_NAMES], waiting_names;

static void check_pending(void) {
  for (int i = 0; i < waiting_names; i++) {
    struct statfs status;
    int index = pending[i];
    if (statfs(names[index].name, &status) < 0 || status.f_type != NSFS_MAGIC) continue;
    names[index].ready = now();
    pending[i--] = pending[--waiting_names];
  }
}

static void read_names(int inotify) {
  static char batch[65536] __attribute__((aligned(8)));
  ssize_t length = read(inotify, batch, sizeof batch);
  for (char *at = batch; at < batch + length;) {
    struct inotify_event *event = (struct inotify_event *)at;
    at += sizeof *event + event->len;
    if (!(event->mask & IN_CREATE) || known == MAX_NAMES) continue;
    snprintf(names[known].name, sizeof names[known].name, "%s", event->name);
    pending[waiting_names++] = known++;
  }
}

int main(int argc, char **argv) {
  if (argc != 2 || chdir(argv[1]) < 0) die("chdir");
  sigset_t mask;
  stop_on_sigterm(&mask);
  int inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (inotify_add_watch(inotify, ".", IN_CREATE | IN_DELETE) < 0) die("inotify_add_watch");
  int mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
  if (mounts < 0) die("/proc/self/mountinfo");
  struct pollfd polled[] = {{inotify, POLLIN, 0}, {mounts, POLLPRI, 0}};
  say_ready();
  while (!stopped) {
    if (ppoll(polled, 2, NULL, &mask) < 0) continue;
    if (polled[0].revents) read_names(inotify);
    check_pending();
  }
  for (int i = 0; i < known; i++) {
    if (names[i].ready) printf("%s %lld 1\n", names[i].name, (long long)names[i].ready);
  }
  return 0;
}
