/**
 * nlink: network namespaces of a Linux host.
 */
export * from './netlink/index.ts';
export { attachNamespace } from './netns/names/attach.ts';
export { createNamespace } from './netns/names/create.ts';
export { deleteNamespace } from './netns/names/delete.ts';
export type { DeleteOptions } from './netns/names/delete.ts';
export { diagnoseNames } from './netns/diagnosis/diagnose-names.ts';
export type { DiagnoseNamesOptions } from './netns/diagnosis/diagnose-names.ts';
export type { MountedElsewhere, NameFile, NameVerdict, Unseen } from './netns/diagnosis/verdict.ts';
export type { Named, NamespaceEntry } from './netns/names/entry.ts';
export { namespaceHolders } from './netns/holders/holders.ts';
export type * from './netns/holders/holders-found.ts';
export { sameNamespace } from './netns/identity/identity.ts';
export type { NamespaceId } from './netns/identity/identity.ts';
export { identify } from './netns/names/identify.ts';
export type { IdentifiedNamespace, IdentifyOptions } from './netns/names/identify.ts';
export { isNamespace, listNamespaces, namespaceExists } from './netns/names/list.ts';
export type { ListOptions } from './netns/names/list.ts';
export type { MountedFile } from './netns/mounts/namespace-mounts.ts';
export type { NotReadyReason } from './netns/identity/observe.ts';
export { namespacePids } from './netns/processes/pids.ts';
export type { NamespacePids, NamespacePidsOptions } from './netns/processes/pids.ts';
export type { ProcessDetails } from './netns/processes/process-details.ts';
export type { ProcessOwner, ProcessOwnerKind } from './netns/processes/process-owner.ts';
export type { ProcOptions } from './netns/processes/procfs.ts';
export type { UnseenProcesses } from './netns/processes/process-scan.ts';
export { spawnInNamespace } from './netns/enter/spawn.ts';
export type { SpawnInNamespaceOptions } from './netns/enter/spawn.ts';
export type { NamespaceTarget } from './netns/names/target.ts';
export type { DirectoriesOptions, DirectoryOptions } from './reference/directory.ts';
export { decodeName, encodeName } from './reference/names.ts';
export type * from './watch/names/name-events.ts';
export { NamespaceEventSubscriber } from './watch/ids/namespace-event-subscriber.ts';
export { NamespaceWatcher } from './watch/names/namespace-watcher.ts';
export type * from './watch/ids/nsid-events.ts';
export type * from './watch/unified/unified-events.ts';
export { UnifiedNamespaceWatcher } from './watch/unified/unified-namespace-watcher.ts';
