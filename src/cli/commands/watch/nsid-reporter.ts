/** What `nlink watch --nsids` prints. */
import { noteIncomplete } from '../shared/notes.ts';
import type { NamespaceIdEvent } from '../../../watch/ids/nsid-events.ts';
import { painter, wantsColour } from '../../output/color.ts';
import { safeJson } from '../../../format/escape.ts';
import type { Reporter } from './follow.ts';
import { nsidLine, nsidRecordOf } from './nsid-lines.ts';
import type { NsidOutputEvent } from './nsid-lines.ts';
import type { NsidEventSource, Io } from '../../host/io.ts';
import { note } from '../../output/output.ts';
import type { NsidSettings } from './settings.ts';
import { Timestamps } from './timestamps.ts';

export class NsidReporter implements Reporter<NamespaceIdEvent, NsidEventSource, NsidOutputEvent> {
  readonly #settings: NsidSettings;
  readonly #io: Io;
  readonly line: (event: NsidOutputEvent, time: Date) => string;
  readonly record: typeof nsidRecordOf = nsidRecordOf;

  constructor(settings: NsidSettings, io: Io) {
    this.#settings = settings;
    this.#io = io;
    this.line = lineMaker(settings, io);
  }

  open(): Promise<NsidEventSource> {
    return this.#io.subscribe({ allNamespaces: this.#settings.allNamespaces });
  }

  present(source: NsidEventSource): NsidOutputEvent[] {
    const nsids = source.nsids();
    if (nsids.length === 0) note('no nsids are assigned yet; waiting for the first', this.#io);
    if (!source.stats().complete) noteIncomplete(null, this.#io);
    if (!this.#settings.snapshot) return [];
    return nsids.map((nsid) => ({ type: 'present', nsid }));
  }

  counts(): boolean {
    return true;
  }

  report(event: NamespaceIdEvent): NsidOutputEvent | null {
    return this.#settings.events.has(event.type) ? event : null;
  }
}

function lineMaker(
  { format, time: style, colourRefused }: NsidSettings,
  { env, stdout }: Io,
): (event: NsidOutputEvent, time: Date) => string {
  const timestamps = new Timestamps(style);
  if (format === 'json') return (event, time) => `${safeJson(nsidRecordOf(event, timestamps.value(time)))}\n`;
  const paint = painter(wantsColour(env, stdout.isTTY === true, colourRefused));
  return (event, time) => `${nsidLine(event, timestamps.text(time), paint)}\n`;
}
