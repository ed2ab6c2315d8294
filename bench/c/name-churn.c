/*
 * name-churn DIRECTORY PAIRS: adds and removes PAIRS named network namespaces, one after the other, as fast as it can. The names
 * are those of churn.c.
 */
#include "common.h"
#include "names.h"

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (chdir(argv[1]) < 0) die(argv[1]);
  long pairs = atol(argv[2]);
  for (long i = 0; i < pairs; i++) {
    struct name_stamps at;
    char name[32];
    snprintf(name, sizeof name, "ns-%0*ld", (int)(5 + i % 7), i);
    add_name(name, 0, &at);
    remove_name(name, &at);
  }
  return 0;
}
