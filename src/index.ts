/**
 * nlink: network namespaces of a Linux host.
 */
export * from './netlink/index.ts';
export { attachNamespace } from './netns/attach.ts';
export { createNamespace } from './netns/create.ts';
export { deleteNamespace } from './netns/delete.ts';
export type { DeleteOptions } from './netns/delete.ts';
export { diagnoseNames } from './netns/diagnose-names.ts';
export type { DiagnoseNamesOptions } from './netns/diagnose-names.ts';
export type { MountedElsewhere, NameFile, NameVerdict, Unseen } from './netns/verdict.ts';
export type { Named, NamespaceEntry } from './netns/entry.ts';
export { namespaceHolders } from './netns/holders.ts';
export type * from './netns/holders-found.ts';
export { sameNamespace } from './netns/identity.ts';
export type { NamespaceId } from './netns/identity.ts';
export { identify } from './netns/identify.ts';
export type { IdentifiedNamespace, IdentifyOptions } from './netns/identify.ts';
export { isNamespace, listNamespaces, namespaceExists } from './netns/list.ts';
export type { ListOptions } from './netns/list.ts';
export type { MountedFile } from './netns/namespace-mounts.ts';
export type { NotReadyReason } from './netns/observe.ts';
export { namespacePids } from './netns/pids.ts';
export type { NamespacePids, NamespacePidsOptions } from './netns/pids.ts';
export type { ProcessDetails } from './netns/process-details.ts';
export type { ProcessOwner, ProcessOwnerKind } from './netns/process-owner.ts';
export type { ProcOptions } from './netns/procfs.ts';
export type { UnseenProcesses } from './netns/process-scan.ts';
export { spawnInNamespace } from './netns/spawn.ts';
export type { SpawnInNamespaceOptions } from './netns/spawn.ts';
export type { NamespaceTarget } from './netns/target.ts';
export type { DirectoriesOptions, DirectoryOptions } from './reference/directory.ts';
export { decodeName, encodeName } from './reference/names.ts';
export type * from './watch/events.ts';
export { NamespaceEventSubscriber } from './watch/namespace-event-subscriber.ts';
export { NamespaceWatcher } from './watch/namespace-watcher.ts';
export type * from './watch/nsid-events.ts';
export type * from './watch/unified-events.ts';
export { UnifiedNamespaceWatcher } from './watch/unified-namespace-watcher.ts';
