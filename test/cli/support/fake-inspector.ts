/** A host that is looked into by `nlink explain`, made of arguments. */
import type { HeldNamespace } from '../../../src/netns/holders/holder-census.ts';
import type { Inspector } from '../../../src/cli/host/inspector.ts';
import type { NamespaceHolders } from '../../../src/netns/holders/holders-found.ts';
import type { NamespaceReference } from '../../../src/reference/reference.ts';
import { systemError } from '../../../src/sys/errno.ts';
import { identity } from './lines.ts';

/** Nothing holds it, and everything was seen. */
const nothing = (): NamespaceHolders => ({
  namespace: identity,
  processes: [],
  descriptors: [],
  mounts: [],
  sockets: [],
  inFlight: [],
  watches: [],
  unseen: {
    processes: 0,
    sockets: 0,
    inFlight: 0,
    mounts: 0,
    mountNamespaces: 0,
    hidden: false,
    outside: false,
  },
});

export class FakeInspector implements Inspector {
  /** What leads to a namespace: its path. */
  paths: Map<string, typeof identity> = new Map();
  found: NamespaceHolders = nothing();
  owner: ReturnType<Inspector['ownerOf']> = { userNamespace: 4026531837n, uid: 0 };
  /** Paths whose owners were asked for. */
  asked: string[] = [];

  readonly identify: Inspector['identify'] = (reference) => {
    const path = pathOf(reference);
    const namespace = this.paths.get(path);
    if (namespace === undefined) throw systemError(2, 'open', path, 'there is no such namespace');
    return namespace;
  };

  readonly ownerOf: Inspector['ownerOf'] = (path) => {
    this.asked.push(path);
    return this.owner;
  };

  readonly find: Inspector['find'] = async (_, isWanted) => {
    for (const [path, namespace] of this.paths) {
      const living = { namespace, path };
      if (await isWanted(living)) return living;
    }
    return null;
  };

  held: HeldNamespace[] = [];
  /** Each is led to by its name, or else by a path that its number stands in. */
  readonly census: Inspector['census'] = async (_, onLead) => {
    for (const { namespace, names } of this.held)
      await onLead?.({ namespace, path: names[0]?.path ?? `/proc/7/fd/${namespace.ino}` });
    return this.held;
  };
  readonly holders: Inspector['holders'] = async () => this.found;
  readonly unseen: Inspector['unseen'] = async () => this.found.unseen;
  readonly own: Inspector['own'] = () => 1n;
  readonly ownMounts: Inspector['ownMounts'] = () => 4026531832n;
  readonly realPath: Inspector['realPath'] = (directory) => directory.replace(/^\/var\/run\//, '/run/');
  readonly initial: Inspector['initial'] = () => 2n;
  readonly userNames: Inspector['userNames'] = () => new Map([[0, 'root']]);
}

function pathOf(reference: NamespaceReference): string {
  if (typeof reference === 'string') return reference;
  if ('pid' in reference) return `/proc/${reference.pid}/ns/net`;
  return 'fd' in reference ? `/proc/self/fd/${reference.fd}` : reference.path;
}
