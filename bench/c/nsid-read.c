/*
 * nsid-read [stamps|witness]: joins the group of namespace ids and takes what the kernel tells, one datagram of at most 64 kB a call, blocked
 * in recv(2) meanwhile. On SIGTERM prints its counters; with "stamps" each id that was assigned or removed and the nanosecond at which it knew;
 * as "witness" it goes before all others while it does, where it may.
 */
#include "nsid.h"
#include <sched.h>

#define MAX_IDS 100000

static int64_t assigned[MAX_IDS], removed[MAX_IDS];
static long created, deleted, overflows;

static void read_events(const char *datagram, ssize_t length) {
  for (const struct nlmsghdr *at = (const void *)datagram; NLMSG_OK(at, length); at = NLMSG_NEXT(at, length)) {
    int nsid = nsid_in(at);
    int gone = at->nlmsg_type == RTM_DELNSID;
    if (!gone && at->nlmsg_type != RTM_NEWNSID) continue;
    if (gone) deleted++;
    else created++;
    if (nsid >= 0 && nsid < MAX_IDS) (gone ? removed : assigned)[nsid] = now();
  }
}

int main(int argc, char **argv) {
  static char datagram[DATAGRAM] __attribute__((aligned(8)));
  struct sigaction action = {.sa_handler = on_stop};
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  sigaction(SIGTERM, &action, NULL);
  int socket = route_socket(), room = 4 << 20, with_stamps = argc > 1;
  if (with_stamps && strcmp(argv[1], "witness") == 0) sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){.sched_priority = 1});
  /* What nlink asks for, so that neither loses what the other keeps. */
  if (setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) < 0) setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = 1u << (RTNLGRP_NSID - 1)};
  if (bind(socket, (struct sockaddr *)&address, sizeof address) < 0) die("bind");
  /* A signal may come just before it blocks. */
  struct timeval patience = {.tv_usec = 100000};
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  say_ready();
  while (!stopped) {
    ssize_t length = recv(socket, datagram, sizeof datagram, 0);
    if (length >= 0) read_events(datagram, length);
    else if (errno == ENOBUFS) overflows++;
  }
  if (!with_stamps) printf("created %ld\ndeleted %ld\nlosses %ld\n", created, deleted, overflows);
  for (int nsid = 0; with_stamps && nsid < MAX_IDS; nsid++) {
    if (assigned[nsid] != 0) printf("assigned %d %lld\n", nsid, (long long)assigned[nsid]);
    if (removed[nsid] != 0) printf("destroyed %d %lld\n", nsid, (long long)removed[nsid]);
  }
  return 0;
}
