/** What `nlink watch --ids` tells, and how. */
import type { NamespaceIdEvent } from '../watch/nsid-events.ts';
import { painter, wantsColour } from './color.ts';
import type { Telling } from './follow.ts';
import { humanIdLine, jsonIdLine } from './id-lines.ts';
import type { ToldId } from './id-lines.ts';
import type { IdSource, Io } from './io.ts';
import { note } from './output.ts';
import type { IdSettings } from './settings.ts';

export class IdTelling implements Telling<NamespaceIdEvent, IdSource> {
  readonly #settings: IdSettings;
  readonly #io: Io;
  readonly #line: (told: ToldId) => string;

  constructor(settings: IdSettings, io: Io) {
    this.#settings = settings;
    this.#io = io;
    this.#line = lineMaker(settings, io);
  }

  open(): Promise<IdSource> {
    return this.#io.subscribe({ allNamespaces: this.#settings.allNamespaces });
  }

  present(source: IdSource): string {
    const nsids = source.nsids();
    if (nsids.length === 0) note('no ids are assigned yet; waiting for the first', this.#io);
    if (!source.stats().complete)
      note('there may be more ids than these: the kernel did not list them all', this.#io);
    if (!this.#settings.snapshot) return '';
    return nsids.map((nsid) => this.#line({ type: 'present', nsid })).join('');
  }

  line(event: NamespaceIdEvent): string {
    return this.#settings.events.has(event.type) ? this.#line(event) : '';
  }
}

function lineMaker({ json, colourRefused }: IdSettings, { env, stdout, now }: Io): (told: ToldId) => string {
  if (json) return (told) => `${jsonIdLine(told, now())}\n`;
  const paint = painter(wantsColour(env, stdout.isTTY === true, colourRefused));
  return (told) => `${humanIdLine(told, now(), paint)}\n`;
}
