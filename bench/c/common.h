/* What the C programs share: a clock, stopping on SIGTERM, ending with the parent. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

static inline void die(const char *what) {
  perror(what);
  exit(1);
}

/* CLOCK_MONOTONIC in nanoseconds, the clock of process.hrtime.bigint() too. */
static inline int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* Nanoseconds without those that this thread wanted to run but had no processor: others use the machine as well (Documentation/scheduler/sched-stats.rst). */
static inline int64_t undisturbed(void) {
  long long waited = 0;
  FILE *file = fopen("/proc/thread-self/schedstat", "r");
  if (file != NULL) {
    if (fscanf(file, "%*d %lld", &waited) != 1) waited = 0;
    fclose(file);
  }
  return now() - waited;
}

static inline void say_ready(void) {
  puts("ready");
  fflush(stdout);
}

static volatile sig_atomic_t stopped;

static void on_stop(int number) {
  (void)number;
  stopped = 1;
}

/* Holds SIGTERM back; ppoll(2) with `waiting` as its mask lets it through, so that none is missed. */
static inline void stop_on_sigterm(sigset_t *waiting) {
  sigset_t blocked;
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigprocmask(SIG_BLOCK, &blocked, waiting);
  sigdelset(waiting, SIGTERM);
  struct sigaction action = {.sa_handler = on_stop};
  sigaction(SIGTERM, &action, NULL);
}
