/*
 * nsid-list DIRECTORY NAMES: opens each name, asks for its id, closes it. Each line on stdin says how often to go through all of
 * them; the answer is the nanoseconds it took and the sum of the ids.
 */
#include "nsid.h"

int main(int argc, char **argv) {
  static char answer[DATAGRAM] __attribute__((aligned(8)));
  if (argc != 3) return 2;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  int names = atoi(argv[2]), socket = route_socket();
  uint32_t sequence = 0;
  char line[32];
  say_ready();
  while (fgets(line, sizeof line, stdin) != NULL) {
    int64_t began = undisturbed(), sum = 0;
    for (long round = atol(line); round > 0; round--) {
      for (int i = 0; i < names; i++) {
        struct nsid_request request;
        int fd = open_name(argv[1], i);
        send_requests(socket, &request, ask_for(&request, fd, ++sequence));
        sum += receive_nsid(socket, answer, sequence);
        close(fd);
      }
    }
    printf("%lld %lld\n", (long long)(undisturbed() - began), (long long)sum);
    say_ready();
  }
  return 0;
}
