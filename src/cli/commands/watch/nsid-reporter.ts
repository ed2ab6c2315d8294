/** What `nlink watch --ids` tells, and how. */
import type { NamespaceIdEvent } from '../../../watch/ids/nsid-events.ts';
import { painter, wantsColour } from '../../output/color.ts';
import { safeJson } from '../../output/escape.ts';
import type { Telling } from './follow.ts';
import { humanIdLine, idRecordOf } from './nsid-lines.ts';
import type { ToldId } from './nsid-lines.ts';
import type { IdSource, Io } from '../../host/io.ts';
import { note } from '../../output/output.ts';
import type { IdSettings } from './settings.ts';
import { Stamper } from './timestamps.ts';

export class IdTelling implements Telling<NamespaceIdEvent, IdSource, ToldId> {
  readonly #settings: IdSettings;
  readonly #io: Io;
  readonly line: (told: ToldId, time: Date) => string;
  readonly record: typeof idRecordOf = idRecordOf;

  constructor(settings: IdSettings, io: Io) {
    this.#settings = settings;
    this.#io = io;
    this.line = lineMaker(settings, io);
  }

  open(): Promise<IdSource> {
    return this.#io.subscribe({ allNamespaces: this.#settings.allNamespaces });
  }

  present(source: IdSource): ToldId[] {
    const nsids = source.nsids();
    if (nsids.length === 0) note('no ids are assigned yet; waiting for the first', this.#io);
    if (!source.stats().complete)
      note('there may be more ids than these: the kernel did not list them all', this.#io);
    if (!this.#settings.snapshot) return [];
    return nsids.map((nsid) => ({ type: 'present', nsid }));
  }

  counts(): boolean {
    return true;
  }

  tell(event: NamespaceIdEvent): ToldId | null {
    return this.#settings.events.has(event.type) ? event : null;
  }
}

function lineMaker(
  { format, time: style, colourRefused }: IdSettings,
  { env, stdout }: Io,
): (told: ToldId, time: Date) => string {
  const stamper = new Stamper(style);
  if (format === 'json') return (told, time) => `${safeJson(idRecordOf(told, stamper.value(time)))}\n`;
  const paint = painter(wantsColour(env, stdout.isTTY === true, colourRefused));
  return (told, time) => `${humanIdLine(told, stamper.text(time), paint)}\n`;
}
