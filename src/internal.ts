/**
 * What nlink-fleet of the same version is made with besides the public entries. No semantic
 * versioning holds for it: whoever else imports it may find it changed in any release.
 */
export * from './index.ts';
export { abortError, invalidArgument, requireOptions } from './errors.ts';
export { escaped, safeJson, shown } from './format/escape.ts';
export { DEFAULT_DIRECTORY } from './reference/directory.ts';
export { Replay } from './replay/replay.ts';
export type { PageEvent, PageLink, PageModel, PageName, PageNamespace } from './replay/replay-types.ts';
export { identityKey } from './replay/wire.ts';
export type { LinkRow, NamespaceRow, WireEvent, WireLink, WireSnapshot } from './replay/wire.ts';
export { consume } from './serve/events/consume.ts';
export { EventRing } from './serve/events/event-ring.ts';
export { Feed } from './serve/events/feed.ts';
export { View } from './serve/events/view.ts';
export { metricsSource } from './serve/metrics-source.ts';
export { ownVersion } from './serve/own-version.ts';
export { systemClock } from './watch/stream/clock.ts';
export type { Clock } from './watch/stream/clock.ts';
export { EventStream } from './watch/stream/event-stream.ts';
export type { EventEngine } from './watch/stream/event-stream.ts';
export { boolean, integer, streamSettings } from './watch/stream/stream-options.ts';
