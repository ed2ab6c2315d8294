/*
 * mounter DIRECTORY EVENTS_A_SECOND: mounts the directory on itself and unmounts it again, in turn, that often a second: the mounts of
 * a machine on which containers start and stop. On SIGTERM prints how many events there were and the microseconds they took.
 */
#include "common.h"
#include <sys/mount.h>

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  sigset_t mask;
  stop_on_sigterm(&mask);
  const char *directory = argv[1];
  const int64_t period = 1000000000 / atoi(argv[2]);
  sigprocmask(SIG_SETMASK, &mask, NULL);
  say_ready();
  int64_t began = now(), next = began;
  long events = 0;
  for (; !stopped || events % 2 != 0; events++) {
    int failed = events % 2 == 0 ? mount(directory, directory, NULL, MS_BIND, NULL) : umount2(directory, MNT_DETACH);
    if (failed) die(directory);
    next += period;
    /* One that falls behind does not catch up: the rate that there was is told. */
    if (next < now()) next = now();
    struct timespec until = {next / 1000000000, next % 1000000000};
    if (!stopped) clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
  }
  printf("events %ld\nmicroseconds %lld\n", events, (long long)(now() - began) / 1000);
  return 0;
}
