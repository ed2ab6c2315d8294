/**
 * What nlink-fleet of the same version is made with besides the public entries. No semantic
 * versioning holds for it: whoever else imports it may find it changed in any release.
 */
export { durationOf } from './cli/args/duration.ts';
export type { Given, Options } from './cli/args/given.ts';
export { parse } from './cli/args/parse.ts';
export { Stderr } from './cli/host/sync-stderr.ts';
export { leftAligned } from './cli/output/align.ts';
export { painter, wantsColour } from './cli/output/color.ts';
export type { Colour, Paint } from './cli/output/color.ts';
export { padToWidth } from './cli/output/display-width.ts';
export { debugWanted, describe } from './cli/output/error-text.ts';
export { Output } from './cli/output/output.ts';
export { UsageError, withCommand } from './cli/output/usage-error.ts';
export { helpText } from './cli/spec/help.ts';
export type { Command, Option, Program } from './cli/spec/types.ts';
export { abortError, invalidArgument, requireOptions } from './errors.ts';
export { escaped, quoted, safeJson, shown } from './format/escape.ts';
export { stateText } from './format/link-text.ts';
export * from './index.ts';
export type { SearchIndex, TextField } from './search/search-index.ts';
export { search } from './search/search.ts';
export { isIn, termsOf } from './search/search-terms.ts';
export type { Term } from './search/search-terms.ts';
export { DEFAULT_DIRECTORY } from './reference/directory.ts';
export type {
  Ended,
  Identity,
  Owner,
  PageEvent,
  PageLink,
  PageModel,
  PageName,
  PageNamespace,
  PagePeer,
} from './replay/replay-types.ts';
export { globs } from './reference/glob.ts';
export { Replay } from './replay/replay.ts';
export { identityKey } from './replay/wire.ts';
export type {
  LinkRow,
  NamespaceRow,
  WireEvent,
  WireLink,
  WireName,
  WirePeer,
  WireSnapshot,
  WireWhere,
} from './replay/wire.ts';
export { Chunks } from './serve/events/chunks.ts';
export type { Sink } from './serve/events/client.ts';
export { StreamClient } from './serve/events/client.ts';
export { consume } from './serve/events/consume.ts';
export type { Cursor } from './serve/events/cursor.ts';
export { EventRing } from './serve/events/event-ring.ts';
export { Feed } from './serve/events/feed.ts';
export { PacedClients } from './serve/events/paced-clients.ts';
export type { StreamFormat } from './serve/events/message.ts';
export { View } from './serve/events/view.ts';
export type { Snapshot as NumberedSnapshot } from './serve/events/view.ts';
export type { Admitted } from './serve/http/gate.ts';
export { HttpServer } from './serve/http/http-server.ts';
export { addressText, listenAddressOf, requireTokenFor } from './serve/http/listen-address.ts';
export type { ListenAddress } from './serve/http/listen-address.ts';
export { Outgoing } from './serve/http/outgoing.ts';
export { readPage } from './serve/http/page.ts';
export type { PageFile } from './serve/http/page.ts';
export { sendJson } from './serve/http/packed-answer.ts';
export { percentDecoded } from './serve/http/percent-decoded.ts';
export { later, notFound, send, sendFile, sendLong, TEXT_TYPE } from './serve/http/sending.ts';
export { answerStream } from './serve/http/stream-answer.ts';
export { TokenCheck, tokenOption } from './serve/http/token.ts';
export { metricsSource } from './serve/metrics-source.ts';
export { render } from './serve/metrics/exposition.ts';
export { labels } from './serve/metrics/family.ts';
export type { Family } from './serve/metrics/family.ts';
export { labelValue } from './serve/metrics/label-value.ts';
export { scrapeAnswer } from './serve/metrics/scrape-answer.ts';
export { Scrapes } from './serve/metrics/scrapes.ts';
export { allowedHostsOption, wholeOption } from './serve/option-values.ts';
export { ownVersion } from './serve/own-version.ts';
export { ServerRun } from './serve/server-run.ts';
export { onHangup } from './sys/hangup.ts';
export { systemClock } from './watch/stream/clock.ts';
export type { Clock } from './watch/stream/clock.ts';
export { EventStream } from './watch/stream/event-stream.ts';
export type { EventEngine } from './watch/stream/event-stream.ts';
export { boolean, integer, streamSettings } from './watch/stream/stream-options.ts';
