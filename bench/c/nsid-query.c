/*
 * nsid-query DIRECTORY NAMES [BATCH]: asks for ids of namespaces that it has open, one after the other, sendto and recv for
 * each; with BATCH that many requests in a sendto. Each line on stdin says how many to ask for; the answer is the nanoseconds
 * it took and the sum of the ids, so that one sees that the answers came.
 */
#include "nsid.h"

static char answer[DATAGRAM] __attribute__((aligned(8)));

static int64_t ask(int socket, const int *descriptors, int names, int batch, long times) {
  static char requests[256 * sizeof(struct nsid_request)] __attribute__((aligned(8)));
  static uint32_t sequence;
  int64_t sum = 0;
  for (long asked = 0; asked < times; asked += batch) {
    int length = 0;
    for (int i = 0; i < batch; i++) {
      length += ask_for((struct nsid_request *)(requests + length), descriptors[(asked + i) % names], sequence + i);
    }
    send_requests(socket, requests, length);
    for (int i = 0; i < batch; i++) sum += receive_nsid(socket, answer, sequence++);
  }
  return sum;
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  int names = atoi(argv[2]), batch = argc > 3 ? atoi(argv[3]) : 1;
  if (batch < 1 || batch > 128) return 2;
  int *descriptors = calloc(names, sizeof *descriptors);
  for (int i = 0; i < names; i++) descriptors[i] = open_name(argv[1], i);
  int socket = route_socket();
  char line[32];
  say_ready();
  while (fgets(line, sizeof line, stdin) != NULL) {
    int64_t began = undisturbed();
    int64_t sum = ask(socket, descriptors, names, batch, atol(line));
    printf("%lld %lld\n", (long long)(undisturbed() - began), (long long)sum);
    say_ready();
  }
  return 0;
}
