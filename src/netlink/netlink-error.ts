/**
 * The kernel's refusal of a request: its error number, its own words where it gives any, and what
 * to do where that is known.
 */
import { noNamespace } from '../errors.ts';
import { errnoName } from '../sys/errno.ts';
import type { Acknowledgement } from './acknowledgement.ts';
import { RTM_DELNSID, RTM_GETNSID, RTM_NEWNSID } from './constants.ts';
import { RTM_GETADDR, RTM_GETLINK } from './link-constants.ts';

/**
 * The kernel refused a request. Match on `code`; a failed system call has the same codes but a
 * `syscall` that is a C function.
 */
export class NetlinkError extends Error {
  /** As in stacks. */
  override readonly name = 'NetlinkError';
  /** The symbolic name, such as `'EEXIST'`. */
  readonly code: string;
  /** The negative error number, as in Node. */
  readonly errno: number;
  /** The request, such as `'RTM_NEWNSID'`. */
  readonly syscall: string;
  /** The kernel's own words (extended acknowledgement, Linux 4.12); null: none. */
  readonly text: string | null;
  /** Where in the request the fault lies, in bytes from its start; null: unknown. */
  readonly offset: number | null;
  /** The path, name or process that the request was about, where there is one. */
  readonly path?: string;

  /**
   * @param type of the request
   * @param subject what it was about, if that can be named
   */
  constructor(type: number, { error, text, offset }: Acknowledgement, subject?: string) {
    const code = errnoName(error);
    const request = requestName(type);
    const where = subject === undefined ? '' : ` '${subject}'`;
    const remedy = REMEDIES[`${request} ${code} ${text}`] ?? REMEDIES[`${request} ${code}`];
    const said = [text, remedy].filter((part) => typeof part === 'string');
    super(`${code}: ${request}${where}${said.length === 0 ? '' : `: ${said.join('; ')}`}`);
    this.code = code;
    this.errno = -error;
    this.syscall = request;
    this.text = text;
    this.offset = offset;
    if (subject !== undefined) this.path = subject;
  }
}

function requestName(type: number): string {
  const known: Record<number, string> = {
    [RTM_NEWNSID]: 'RTM_NEWNSID',
    [RTM_DELNSID]: 'RTM_DELNSID',
    [RTM_GETNSID]: 'RTM_GETNSID',
    [RTM_GETLINK]: 'RTM_GETLINK',
    [RTM_GETADDR]: 'RTM_GETADDR',
  };
  return known[type] ?? `netlink request ${type}`;
}

/** Whatever stands for a namespace in a request. */
const NOT_OPEN = 'the descriptor is not open, or was opened with O_PATH';
const NO_PROCESS = 'there is no such process, or it has ended';
const NO_NAMESPACE = noNamespace('this');
const NO_TARGET = 'the target is not an nsid of this namespace';
const NOT_INTO_IT = 'looking into another namespace needs CAP_NET_ADMIN in the user namespace that owns it';

/**
 * What to do about a refusal, by request and code, and by the kernel's words where one code means
 * several things.
 */
const REMEDIES: Readonly<Record<string, string>> = {
  'RTM_NEWNSID EPERM':
    'assigning an nsid needs CAP_NET_ADMIN in the user namespace that owns this network namespace: run as root, or inside `unshare -Urn`',
  'RTM_NEWNSID EEXIST Peer netns already has a nsid assigned':
    'a namespace keeps its nsid until it ends; it cannot be changed',
  'RTM_NEWNSID EEXIST The specified nsid is already used':
    "another namespace has this nsid: choose a free one, or 'auto'",
  'RTM_NEWNSID EEXIST null':
    'the namespace has an nsid, which cannot be changed, or another namespace has this one',
  'RTM_NEWNSID EBADF': NOT_OPEN,
  'RTM_NEWNSID EINVAL Peer netns reference is invalid': NO_NAMESPACE,
  'RTM_NEWNSID ESRCH': NO_PROCESS,
  'RTM_GETNSID EACCES':
    'asking for the nsids in another namespace needs CAP_NET_ADMIN in the user namespace that owns it',
  'RTM_GETNSID EBADF': NOT_OPEN,
  'RTM_GETNSID EINVAL Peer netns reference is invalid': NO_NAMESPACE,
  'RTM_GETNSID EINVAL Target netns reference is invalid': NO_TARGET,
  'RTM_GETNSID EINVAL Invalid target network namespace id': NO_TARGET,
  'RTM_GETNSID EINVAL null': `${NO_NAMESPACE}; or ${NO_TARGET}`,
  'RTM_GETNSID ESRCH': NO_PROCESS,
  'RTM_GETLINK EACCES': NOT_INTO_IT,
  'RTM_GETLINK EINVAL Invalid target network namespace id': NO_TARGET,
  'RTM_GETADDR EACCES': NOT_INTO_IT,
  'RTM_GETADDR EINVAL ipv4: Invalid target network namespace id': NO_TARGET,
};
