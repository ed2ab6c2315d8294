/*
 * c-read DIRECTORY [PAUSE_US | print]: reads and parses inotify records, 64 kB a read at most, and counts them. Reads as soon as
 * there is something; with PAUSE_US it waits that long after each read, so that more come at once. With "print" it
 * also prints each in the words of `ip netns monitor`. On SIGTERM prints its counters.
 */
#include "common.h"
#include <poll.h>
#include <sys/inotify.h>

static long created, deleted, overflows, reads, name_bytes;

static void parse(const char *batch, ssize_t length, int print) {
  for (const char *at = batch; at < batch + length;) {
    const struct inotify_event *event = (const struct inotify_event *)at;
    at += sizeof *event + event->len;
    if (event->mask & IN_Q_OVERFLOW) {
      overflows++;
      if (print) printf("overflow -\n");
      continue;
    }
    name_bytes += strlen(event->name);
    int appeared = (event->mask & (IN_CREATE | IN_MOVED_TO)) != 0;
    if (appeared) created++;
    else deleted++;
    if (print) printf("%s %s\n", appeared ? "add" : "delete", event->name);
  }
}

int main(int argc, char **argv) {
  static char batch[65536] __attribute__((aligned(8)));
  if (argc < 2) return 2;
  int print = argc > 2 && strcmp(argv[2], "print") == 0;
  int pause = argc > 2 ? atoi(argv[2]) : 0;
  sigset_t mask;
  stop_on_sigterm(&mask);
  int inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  uint32_t wanted = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
  if (inotify_add_watch(inotify, argv[1], wanted) < 0) die(argv[1]);
  struct pollfd polled = {inotify, POLLIN, 0};
  say_ready();
  while (!stopped) {
    if (ppoll(&polled, 1, NULL, &mask) < 0) continue;
    ssize_t length = read(inotify, batch, sizeof batch);
    if (length < 0) continue;
    reads++;
    parse(batch, length, print);
    if (pause > 0) nanosleep(&(struct timespec){0, pause * 1000L}, NULL);
  }
  if (!print) printf("created %ld\ndeleted %ld\noverflows %ld\nreads %ld\nname_bytes %ld\n", created, deleted, overflows, reads, name_bytes);
  return 0;
}
