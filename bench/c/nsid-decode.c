/*
 * nsid-decode EACH: walks over notifications in memory, EACH in a datagram, RTM_NEWNSID and RTM_DELNSID in turn, and takes type and id of
 * each. Each line on stdin says how often; the answer is the nanoseconds it took and the sum of the ids.
 */
#include "nsid.h"

#define MESSAGES 4096
#define LENGTH 28

static char memory[MESSAGES * LENGTH] __attribute__((aligned(8)));
static struct { uint16_t type; int nsid; } event;

static int64_t decode(const char *datagram, int length) {
  int64_t sum = 0;
  for (const struct nlmsghdr *at = (const void *)datagram; NLMSG_OK(at, length); at = NLMSG_NEXT(at, length)) {
    event.type = at->nlmsg_type;
    event.nsid = nsid_in(at);
    sum += event.nsid;
  }
  return sum;
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  int each = atoi(argv[1]);
  for (int i = 0; i < MESSAGES; i++) {
    struct nsid_request message;
    ask_for(&message, i, 0);
    message.header.nlmsg_type = i % 2 == 0 ? RTM_NEWNSID : RTM_DELNSID;
    message.fd.header.nla_type = NETNSA_NSID;
    memcpy(memory + i * LENGTH, &message, LENGTH);
  }
  char line[32];
  say_ready();
  while (fgets(line, sizeof line, stdin) != NULL) {
    int64_t began = undisturbed(), sum = 0;
    for (long time = atol(line); time > 0; time--) {
      for (int i = 0; i < MESSAGES; i += each) sum += decode(memory + i * LENGTH, each * LENGTH);
    }
    printf("%lld %lld\n", (long long)(undisturbed() - began), (long long)sum);
    say_ready();
  }
  return event.type == 1;
}
