/*
 * nsid-assign NAMESPACE DIRECTORY FIRST COUNT GAP_US: enters the network namespace behind the path NAMESPACE and assigns COUNT ids
 * there, from FIRST, each to the namespace in DIRECTORY with that number (c/adder.c), one request each, with a pause of GAP_US after
 * each. Prints the nanosecond before each request was sent, line by line.
 */
#include "nsid.h"
#include <sched.h>

int main(int argc, char **argv) {
  static char answer[DATAGRAM] __attribute__((aligned(8)));
  if (argc != 6) return 2;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  int first = atoi(argv[3]), count = atoi(argv[4]), gap = atoi(argv[5]);
  int namespace = open(argv[1], O_RDONLY | O_CLOEXEC);
  if (namespace < 0) die(argv[1]);
  if (setns(namespace, CLONE_NEWNET) < 0) die("setns");
  close(namespace);
  int socket = route_socket();
  int64_t *sent = calloc(count, sizeof *sent);
  if (sent == NULL) die("calloc");
  for (int i = 0; i < count; i++) {
    struct nsid_request request;
    int fd = open_name(argv[2], first + i);
    int length = assign_to(&request, fd, first + i, i);
    sent[i] = now();
    send_requests(socket, &request, length);
    if (recv(socket, answer, sizeof answer, 0) < (ssize_t)NLMSG_LENGTH(sizeof(int))) die("recv");
    const struct nlmsgerr *result = NLMSG_DATA((struct nlmsghdr *)answer);
    if (result->error != 0) {
      errno = -result->error;
      die("RTM_NEWNSID");
    }
    close(fd);
    if (gap > 0) nanosleep(&(struct timespec){gap / 1000000, gap % 1000000 * 1000L}, NULL);
  }
  for (int i = 0; i < count; i++) printf("%lld\n", (long long)sent[i]);
  say_ready();
  return 0;
}
