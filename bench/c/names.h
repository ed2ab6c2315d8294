/* Adding and removing a name with the system calls of `ip netns add` and `ip netns delete`, each stamped just before it is made. */
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>

struct name_stamps {
  int64_t file, mounting, mounted, unmounting, unlinking;
};

static inline void pause_us(unsigned microseconds) {
  struct timespec time = {microseconds / 1000000, microseconds % 1000000 * 1000L};
  if (microseconds > 0) nanosleep(&time, NULL);
}

/* Sleeps until PERIOD after the last time that it did, or not at all; one that falls behind does not catch up. */
static inline void keep_pace(int64_t *last, unsigned period_us) {
  if (period_us == 0) return;
  *last += period_us * 1000LL;
  if (*last < now()) *last = now();
  struct timespec until = {*last / 1000000000, *last % 1000000000};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

/* A new namespace with this name in the working directory; the process is in it afterwards. */
static inline void add_name(const char *name, unsigned pause, struct name_stamps *at) {
  at->file = now();
  int fd = open(name, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
  if (fd < 0) die(name);
  close(fd);
  if (unshare(CLONE_NEWNET) < 0) die("unshare");
  pause_us(pause);
  at->mounting = now();
  if (mount("/proc/self/ns/net", name, "none", MS_BIND, NULL) < 0) die("mount");
  at->mounted = now();
}

static inline void remove_name(const char *name, struct name_stamps *at) {
  at->unmounting = now();
  if (umount2(name, MNT_DETACH) < 0) die(name);
  at->unlinking = now();
  if (unlink(name) < 0) die(name);
}
