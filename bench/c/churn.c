/*
 * churn DIRECTORY PAIRS: creates and deletes PAIRS plain files, one after the other, as fast as it can. The names, of 8 to
 * 14 bytes, are "ns-" and the number of the pair with leading zeros; no two are the same.
 */
#include "common.h"
#include <fcntl.h>

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (chdir(argv[1]) < 0) die(argv[1]);
  long pairs = atol(argv[2]);
  for (long i = 0; i < pairs; i++) {
    char name[32];
    snprintf(name, sizeof name, "ns-%0*ld", (int)(5 + i % 7), i);
    int fd = open(name, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
    if (fd < 0) die(name);
    close(fd);
    if (unlink(name) < 0) die(name);
  }
  return 0;
}
