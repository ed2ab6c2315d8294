/*
 * veth-maker DIRECTORY COUNT: makes pairs of virtual Ethernet devices between the namespaces that c/adder.c added. A line on stdin says the number of the first
 * pair and how many; pair N is pN and qN, in two of the namespaces. They are made one after the other, as by one `ip -batch`. The answer
 * is the nanoseconds before the first was asked for, and when the kernel had said of the last that it is made. veth(4).
 */
#include "nsid.h"
#include <linux/if_link.h>
#include <linux/veth.h>

struct request {
  struct nlmsghdr header;
  char room[512];
};

static struct nlattr *begin(struct request *request, uint16_t type) {
  struct nlattr *attribute = (struct nlattr *)((char *)request + request->header.nlmsg_len);
  attribute->nla_type = type;
  request->header.nlmsg_len += NLA_HDRLEN;
  return attribute;
}

static void append(struct request *request, const void *bytes, size_t length) {
  memcpy((char *)request + request->header.nlmsg_len, bytes, length);
  request->header.nlmsg_len += NLA_ALIGN(length);
}

static void end(struct request *request, struct nlattr *attribute) {
  attribute->nla_len = (char *)request + request->header.nlmsg_len - (char *)attribute;
}

static void attribute(struct request *request, uint16_t type, const void *value, size_t length) {
  struct nlattr *it = begin(request, type);
  append(request, value, length);
  it->nla_len = NLA_HDRLEN + length;
}

static void name_and_place(struct request *request, char letter, long pair, int fd) {
  char name[16];
  attribute(request, IFLA_IFNAME, name, snprintf(name, sizeof name, "%c%ld", letter, pair) + 1);
  attribute(request, IFLA_NET_NS_FD, &fd, sizeof fd);
}

static void make(int socket, long pair, int near, int far, char *answer) {
  static uint32_t sequence;
  struct request request;
  struct ifinfomsg link = {0};
  memset(&request, 0, sizeof request);
  request.header = (struct nlmsghdr){.nlmsg_len = NLMSG_HDRLEN, .nlmsg_type = RTM_NEWLINK, .nlmsg_seq = ++sequence};
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
  append(&request, &link, sizeof link);
  name_and_place(&request, 'p', pair, near);
  struct nlattr *info = begin(&request, IFLA_LINKINFO);
  attribute(&request, IFLA_INFO_KIND, "veth", 4);
  struct nlattr *data = begin(&request, IFLA_INFO_DATA), *peer = begin(&request, VETH_INFO_PEER);
  append(&request, &link, sizeof link);
  name_and_place(&request, 'q', pair, far);
  end(&request, peer);
  end(&request, data);
  end(&request, info);
  send_requests(socket, &request, request.header.nlmsg_len);
  if (recv(socket, answer, DATAGRAM, 0) < 0) die("recv");
  int error = ((struct nlmsgerr *)NLMSG_DATA((struct nlmsghdr *)answer))->error;
  if (error != 0) {
    errno = -error;
    die("RTM_NEWLINK");
  }
}

int main(int argc, char **argv) {
  static char answer[DATAGRAM] __attribute__((aligned(8)));
  char line[64];
  if (argc != 3) return 2;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  int count = atoi(argv[2]), socket = route_socket(), *fds = calloc(count, sizeof *fds);
  if (fds == NULL) die("calloc");
  for (int i = 0; i < count; i++) fds[i] = open_name(argv[1], i);
  say_ready();
  while (fgets(line, sizeof line, stdin) != NULL) {
    long first, number;
    if (sscanf(line, "%ld %ld", &first, &number) != 2) return 2;
    int64_t before = now();
    for (long pair = first; pair < first + number; pair++) make(socket, pair, fds[pair % count], fds[(pair * 7 + 3) % count], answer);
    printf("%lld %lld\n", (long long)before, (long long)now());
    say_ready();
  }
  return 0;
}
