/** The bits of inotify(7), as in `include/uapi/linux/inotify.h`. */

export const IN_ATTRIB = 0x4;
export const IN_MOVED_FROM = 0x40;
export const IN_MOVED_TO = 0x80;
export const IN_CREATE = 0x100;
export const IN_DELETE = 0x200;
export const IN_DELETE_SELF = 0x400;
export const IN_MOVE_SELF = 0x800;
/** The file system of the watched object was unmounted. Sent whether asked for or not. */
export const IN_UNMOUNT = 0x2000;
/** The kernel's queue was full: events were lost. `wd` is -1. Sent whether asked for or not. */
export const IN_Q_OVERFLOW = 0x4000;
/** The watch is gone and its `wd` will not come back. Sent whether asked for or not. */
export const IN_IGNORED = 0x8000;
/** Watch a directory or fail with ENOTDIR. */
export const IN_ONLYDIR = 0x1000000;
/** Add to the mask of a watch that stands already, instead of replacing it. */
export const IN_MASK_ADD = 0x20000000;
/** The subject is a directory. */
export const IN_ISDIR = 0x40000000;
