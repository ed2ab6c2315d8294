/*
 * adder DIRECTORY COUNT GAP_US PAUSE_US [REMOVAL_GAP_US]: adds named network namespaces one at a time with the system calls of
 * `ip netns add` (file, unshare, bind mount), a random pause of up to PAUSE_US between file and mount, GAP_US from one to the next.
 * Prints NAME and the nanoseconds before open(2), before mount(2) and after it. Removes all of them when stdin ends as
 * `ip netns delete` does, REMOVAL_GAP_US (0) from one to the next, and prints NAME and the nanoseconds before umount2(2) and before unlink(2).
 */
#include "common.h"
#include "names.h"

struct addition {
  char path[32];
  struct name_stamps at;
};

int main(int argc, char **argv) {
  if (argc != 5 && argc != 6) return 2;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (chdir(argv[1]) < 0) die(argv[1]);
  int count = atoi(argv[2]), gap = atoi(argv[3]), pause = atoi(argv[4]), removal_gap = argc > 5 ? atoi(argv[5]) : 0;
  struct addition *all = calloc(count, sizeof *all);
  if (all == NULL) die("calloc");
  srand(1);
  int64_t last = now();
  for (int i = 0; i < count; i++) {
    snprintf(all[i].path, sizeof all[i].path, "added-%d", i);
    add_name(all[i].path, pause > 0 ? rand() % pause : 0, &all[i].at);
    keep_pace(&last, gap);
  }
  /* The last one has to live on by its name alone. */
  if (unshare(CLONE_NEWNET) < 0) die("unshare");
  for (int i = 0; i < count; i++) {
    printf("%s %lld %lld %lld\n", all[i].path, (long long)all[i].at.file, (long long)all[i].at.mounting,
           (long long)all[i].at.mounted);
  }
  say_ready();
  while (getchar() != EOF) continue;
  last = now();
  for (int i = 0; i < count; i++) {
    remove_name(all[i].path, &all[i].at);
    keep_pace(&last, removal_gap);
  }
  for (int i = 0; i < count; i++) {
    printf("%s %lld %lld\n", all[i].path, (long long)all[i].at.unmounting, (long long)all[i].at.unlinking);
  }
  return 0;
}
