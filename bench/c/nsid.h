/*
 * What the C programs about namespace ids share: a socket, a request about the namespace that a descriptor is open on, the
 * id in a message. rtnetlink(7); RTM_*NSID in net/core/net_namespace.c.
 */
#include "common.h"
#include <fcntl.h>
#include <stddef.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#define DATAGRAM 65536

struct nsid_request {
  struct nlmsghdr header;
  uint8_t family[4]; /* struct rtgenmsg, padded */
  struct {
    struct nlattr header;
    int32_t value;
  } fd, nsid;
};

static inline int route_socket(void) {
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0) die("socket");
  return fd;
}

/* "Which id has the namespace that `fd` is open on?" @returns its length */
static inline int ask_for(struct nsid_request *request, int fd, uint32_t sequence) {
  const int length = offsetof(struct nsid_request, nsid);
  memset(request, 0, length);
  request->header.nlmsg_len = length;
  request->header.nlmsg_type = RTM_GETNSID;
  request->header.nlmsg_flags = NLM_F_REQUEST;
  request->header.nlmsg_seq = sequence;
  request->fd.header.nla_len = 8;
  request->fd.header.nla_type = NETNSA_FD;
  request->fd.value = fd;
  return length;
}

/* "Let the namespace that `fd` is open on have this id." @returns its length */
static inline int assign_to(struct nsid_request *request, int fd, int nsid, uint32_t sequence) {
  ask_for(request, fd, sequence);
  request->header.nlmsg_len = sizeof *request;
  request->header.nlmsg_type = RTM_NEWNSID;
  request->header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
  request->nsid.header.nla_len = 8;
  request->nsid.header.nla_type = NETNSA_NSID;
  request->nsid.value = nsid;
  return sizeof *request;
}

/* To the kernel. */
static inline void send_requests(int socket, const void *bytes, size_t length) {
  struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  if (sendto(socket, bytes, length, 0, (struct sockaddr *)&kernel, sizeof kernel) < 0) die("sendto");
}

/* The id in a message of RTM_NEWNSID or RTM_DELNSID; -1 for none. */
static inline int nsid_in(const struct nlmsghdr *message) {
  const char *at = (const char *)message + NLMSG_HDRLEN + 4, *end = (const char *)message + message->nlmsg_len;
  int nsid = -1;
  while (end - at >= NLA_HDRLEN) {
    const struct nlattr *attribute = (const struct nlattr *)at;
    if (attribute->nla_len < NLA_HDRLEN || attribute->nla_len > end - at) break;
    if (attribute->nla_type == NETNSA_NSID && attribute->nla_len >= 8) memcpy(&nsid, at + NLA_HDRLEN, sizeof nsid);
    at += NLA_ALIGN(attribute->nla_len);
  }
  return nsid;
}

/* Receives the answer to the request with this number. */
static inline int receive_nsid(int socket, void *buffer, uint32_t sequence) {
  ssize_t length = recv(socket, buffer, DATAGRAM, 0);
  if (length < 0) die("recv");
  const struct nlmsghdr *message = buffer;
  if (!NLMSG_OK(message, length) || message->nlmsg_seq != sequence || message->nlmsg_type == NLMSG_ERROR) {
    fprintf(stderr, "no answer to request %u\n", sequence);
    exit(1);
  }
  return nsid_in(message);
}

/* The name that c/adder.c gives, opened. */
static inline int open_name(const char *directory, int number) {
  char path[4096];
  snprintf(path, sizeof path, "%s/added-%d", directory, number);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) die(path);
  return fd;
}
