/*
 * link-read DIRECTORY: in a network namespace of its own, numbers the namespaces behind all names of a directory and the one that it was started in, asks
 * for all their links, and finds the far end of each; the bare minimum for a graph of links, without any event. Each line on stdin says how often; the
 * answer is the nanoseconds of CPU it took, how many links there were, and of how many the far end was found. rtnetlink(7); rtnl_dump_ifinfo in
 * net/core/rtnetlink.c.
 */
#include "nsid.h"
#include <dirent.h>
#include <linux/if_link.h>
#include <sched.h>

#define FIRST 1000000
#define SKIP_STATISTICS 8 /* RTEXT_FILTER_SKIP_STATS */

struct end {
  int32_t netns, index, far_netns, far_index;
  char name[16];
};

static struct end *ends;
static size_t count, room;
static uint32_t *table;
static size_t slots;
static uint32_t sequence;

static int64_t processor(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void number(int socket, int fd, int nsid, char *answer) {
  struct nsid_request request;
  send_requests(socket, &request, assign_to(&request, fd, nsid, ++sequence));
  if (recv(socket, answer, DATAGRAM, 0) < 0) die("recv");
  int error = ((struct nlmsgerr *)NLMSG_DATA((struct nlmsghdr *)answer))->error;
  if (error != 0 && error != -EEXIST) {
    errno = -error;
    die("RTM_NEWNSID");
  }
}

static void take(const struct nlmsghdr *message, int netns) {
  const struct ifinfomsg *link = NLMSG_DATA(message);
  if (count == room && (ends = realloc(ends, (room = room * 2 + 1024) * sizeof *ends)) == NULL) die("realloc");
  struct end *end = &ends[count++];
  *end = (struct end){.netns = netns, .index = link->ifi_index, .far_netns = netns};
  const char *at = (const char *)IFLA_RTA(link), *stop = (const char *)message + message->nlmsg_len;
  while (stop - at >= NLA_HDRLEN) {
    const struct nlattr *attribute = (const struct nlattr *)at;
    if (attribute->nla_len < NLA_HDRLEN || attribute->nla_len > stop - at) break;
    if (attribute->nla_type == IFLA_IFNAME) strncpy(end->name, at + NLA_HDRLEN, sizeof end->name - 1);
    if (attribute->nla_type == IFLA_LINK) memcpy(&end->far_index, at + NLA_HDRLEN, 4);
    if (attribute->nla_type == IFLA_LINK_NETNSID) memcpy(&end->far_netns, at + NLA_HDRLEN, 4);
    at += NLA_ALIGN(attribute->nla_len);
  }
}

/* All links of the namespace with this number. */
static void read_links(int socket, int nsid, char *answer) {
  struct {
    struct nlmsghdr header;
    struct ifinfomsg link;
    struct {
      struct nlattr header;
      uint32_t value;
    } target, mask;
  } request = {
      .header = {.nlmsg_len = sizeof request, .nlmsg_type = RTM_GETLINK, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP, .nlmsg_seq = ++sequence},
      .target = {.header = {.nla_len = 8, .nla_type = IFLA_TARGET_NETNSID}, .value = nsid},
      .mask = {.header = {.nla_len = 8, .nla_type = IFLA_EXT_MASK}, .value = SKIP_STATISTICS},
  };
  send_requests(socket, &request, sizeof request);
  for (;;) {
    ssize_t length = recv(socket, answer, DATAGRAM, 0);
    if (length < 0) die("recv");
    for (struct nlmsghdr *message = (struct nlmsghdr *)answer; NLMSG_OK(message, length); message = NLMSG_NEXT(message, length)) {
      if (message->nlmsg_type == NLMSG_DONE) return;
      if (message->nlmsg_type != RTM_NEWLINK) {
        fprintf(stderr, "no links of %d\n", nsid);
        exit(1);
      }
      take(message, nsid);
    }
  }
}

static size_t slot_of(int netns, int index) {
  size_t slot = ((uint32_t)netns * 2654435761u ^ (uint32_t)index * 40503u) & (slots - 1);
  while (table[slot] != 0 && (ends[table[slot] - 1].netns != netns || ends[table[slot] - 1].index != index)) slot = (slot + 1) & (slots - 1);
  return slot;
}

/* @returns of how many links the far end is there and points back */
static size_t resolve(void) {
  size_t found = 0;
  for (slots = 1024; slots < count * 2;) slots *= 2;
  if ((table = calloc(slots, sizeof *table)) == NULL) die("calloc");
  for (size_t i = 0; i < count; i++) table[slot_of(ends[i].netns, ends[i].index)] = i + 1;
  for (size_t i = 0; i < count; i++) {
    if (ends[i].far_index == 0) continue;
    uint32_t other = table[slot_of(ends[i].far_netns, ends[i].far_index)];
    if (other != 0 && ends[other - 1].far_netns == ends[i].netns && ends[other - 1].far_index == ends[i].index) found++;
  }
  free(table);
  return found;
}

static size_t read_all(const char *directory, int home, char *answer) {
  char path[4096];
  if (unshare(CLONE_NEWNET) != 0) die("unshare");
  int socket = route_socket(), next = FIRST;
  if (setns(home, CLONE_NEWNET) != 0) die("setns");
  number(socket, home, next++, answer);
  DIR *names = opendir(directory);
  if (names == NULL) die(directory);
  for (struct dirent *entry; (entry = readdir(names)) != NULL;) {
    if (entry->d_name[0] == '.') continue;
    snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) die(path);
    number(socket, fd, next++, answer);
    close(fd);
  }
  closedir(names);
  count = 0;
  for (int nsid = FIRST; nsid < next; nsid++) read_links(socket, nsid, answer);
  close(socket);
  return resolve();
}

int main(int argc, char **argv) {
  static char answer[DATAGRAM] __attribute__((aligned(8)));
  char line[32];
  if (argc != 2) return 2;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  if (home < 0) die("/proc/self/ns/net");
  say_ready();
  while (fgets(line, sizeof line, stdin) != NULL) {
    int64_t began = processor();
    size_t found = 0;
    for (long round = atol(line); round > 0; round--) found = read_all(argv[1], home, answer);
    printf("%lld %zu %zu\n", (long long)(processor() - began), count, found);
    say_ready();
  }
  return 0;
}
