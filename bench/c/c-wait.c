/*
 * c-wait DIRECTORY [print]: the least that a program must do to say when a name is there, when it can be entered and when it is gone.
 * Waits on inotify and, for mount changes, on /proc/self/mountinfo (POLLPRI); after each wake asks statfs(2) of the names that are not
 * ready yet. On SIGTERM prints, for each thing that it knew, the word for it, NAME, the nanosecond, and 1 if the name could be entered
 * then; with "print" each event in the words of `ip netns monitor`.
 */
#include "common.h"
#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/vfs.h>

#define MAX_STORIES 100000
#define MAX_PENDING 4096
#define NSFS_MAGIC 0x6e736673

static struct { char name[32]; const char *what; int64_t at; } stories[MAX_STORIES];
static char pending[MAX_PENDING][32];
static int told, waiting_names;
static long overflows;

static void tell(const char *what, const char *name) {
  if (told == MAX_STORIES) return;
  stories[told].at = now();
  stories[told].what = what;
  memcpy(stories[told++].name, name, sizeof stories[0].name);
}

static void settle(int i) {
  memcpy(pending[i], pending[--waiting_names], sizeof pending[i]);
}

static void check_pending(void) {
  for (int i = 0; i < waiting_names; i++) {
    struct statfs status;
    if (statfs(pending[i], &status) < 0 || status.f_type != NSFS_MAGIC) continue;
    tell("mounted", pending[i]);
    settle(i--);
  }
}

static void appeared(const char *name) {
  tell("created", name);
  if (waiting_names < MAX_PENDING) memcpy(pending[waiting_names++], name, sizeof pending[0]);
}

static void disappeared(const char *name) {
  tell("deleted", name);
  for (int i = 0; i < waiting_names; i++) {
    if (strcmp(pending[i], name) == 0) return settle(i);
  }
}

static void read_names(int inotify) {
  static char batch[65536] __attribute__((aligned(8)));
  ssize_t length = read(inotify, batch, sizeof batch);
  for (char *at = batch; at < batch + length;) {
    struct inotify_event *event = (struct inotify_event *)at;
    at += sizeof *event + event->len;
    if (event->mask & IN_Q_OVERFLOW) {
      overflows++;
      continue;
    }
    if (event->len == 0) continue;
    char name[32] = "";
    strncpy(name, event->name, sizeof name - 1);
    if (event->mask & IN_CREATE) appeared(name);
    if (event->mask & IN_DELETE) disappeared(name);
  }
}

int main(int argc, char **argv) {
  if (argc < 2 || chdir(argv[1]) < 0) die("chdir");
  int print = argc > 2;
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
  for (int i = 0; i < told; i++) {
    int created = strcmp(stories[i].what, "created") == 0, mounted = strcmp(stories[i].what, "mounted") == 0;
    if (!print) printf("%s %s %lld %d\n", stories[i].what, stories[i].name, (long long)stories[i].at, mounted);
    else if (!mounted) printf("%s %s\n", created ? "add" : "delete", stories[i].name);
  }
  if (print && overflows > 0) printf("overflow -\n");
  return 0;
}
