/*
 * sleepers PROCESSES NAMESPACES: makes processes that sleep, each as small as one can be, in network namespaces one after the other. To be process
 * 1 of a PID namespace, whose processes end with it: when standard input ends.
 */
#include "common.h"
#include <sched.h>

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  int processes = atoi(argv[1]), namespaces = atoi(argv[2]), first = 0;
  for (int namespace = 0; namespace < namespaces; namespace++) {
    if (unshare(CLONE_NEWNET) != 0) die("unshare");
    int end = (int)((int64_t)processes * (namespace + 1) / namespaces);
    for (; first < end; first++) {
      pid_t pid = fork();
      if (pid < 0) die("fork");
      if (pid == 0)
        for (;;) pause();
    }
  }
  say_ready();
  while (getchar() != EOF) continue;
  return 0;
}
