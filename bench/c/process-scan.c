/*
 * process-scan: reads /proc and looks at which network namespace each process is in, and nothing else. Each line on stdin says how often; the answer
 * is the nanoseconds of CPU it took and how many processes there were.
 */
#include "common.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static int64_t processor(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int main(void) {
  static char entries[16384] __attribute__((aligned(8)));
  char line[32], path[320];
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  say_ready();
  while (fgets(line, sizeof line, stdin) != NULL) {
    int64_t began = processor(), found = 0;
    for (long round = atol(line); round > 0; round--) {
      int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      if (proc < 0) die("open");
      for (long size; (size = syscall(SYS_getdents64, proc, entries, sizeof entries)) > 0;) {
        for (long at = 0; at < size;) {
          unsigned short length;
          memcpy(&length, entries + at + 16, sizeof length);
          const char *name = entries + at + 19;
          struct statx status;
          at += length;
          if (*name < '0' || *name > '9') continue;
          snprintf(path, sizeof path, "/proc/%s/net/dev", name);
          if (statx(AT_FDCWD, path, 0, STATX_INO, &status) == 0) found++;
        }
      }
      close(proc);
    }
    printf("%lld %lld\n", (long long)(processor() - began), (long long)found);
    say_ready();
  }
  return 0;
}
