/**
 * `nlink watch`: what is there, then every change, until it is told to stop or nobody reads any more. Takes no more events
 * from the watcher than the output takes, so that a slow reader makes the watcher pause and not this program grow.
 */
import type { NotReadyReason } from '../netns/observe.ts';
import type { NamespaceEvent } from '../watch/events.ts';
import { painter, wantsColour } from './color.ts';
import { escaped } from './escape.ts';
import { humanLine } from './human.ts';
import type { Told } from './human.ts';
import type { EventSource, Io } from './io.ts';
import { jsonLine } from './json.ts';
import { Output } from './output.ts';
import type { Options } from './parse.ts';
import { REMEDIES } from './reasons.ts';
import { watchSettings } from './settings.ts';
import type { WatchSettings } from './settings.ts';

/** Events that are there at once are written together, at most so many: a line at a time costs a system call each. */
const BATCH = 256;

/**
 * Done when it was asked to stop and everything is out.
 * @throws UsageError; whatever the watcher or the output throws
 */
export async function watch(options: Options, io: Io): Promise<void> {
  await new WatchCommand(watchSettings(options), io).run();
}

class WatchCommand {
  readonly #settings: WatchSettings;
  readonly #io: Io;
  readonly #output: Output;
  readonly #line: (told: Told) => string;
  readonly #explained = new Set<NotReadyReason>();
  #watcher: EventSource | null = null;
  #stopping = false;
  /** Whether the next event is waited for, and not the output. */
  #idle = false;

  constructor(settings: WatchSettings, io: Io) {
    this.#settings = settings;
    this.#io = io;
    this.#output = new Output(io.stdout, this.#stop);
    this.#line = lineMaker(settings, io);
  }

  async run(): Promise<void> {
    const cleanups = [this.#io.onStop(this.#stop)];
    try {
      const { namespaces, watcher } = await this.#io.listAndWatch(this.#settings.watcher);
      this.#watcher = watcher;
      cleanups.push(this.#io.onReaderGone(this.#output.readerGone));
      this.#noteStart(watcher.isWatchingNetns, namespaces.length);
      if (this.#settings.snapshot) {
        await this.#output.write(
          namespaces.map((entry) => this.#line({ type: 'present', ...entry })).join(''),
        );
      }
      await this.#follow(watcher);
    } finally {
      await this.#watcher?.stop();
      for (const cleanup of cleanups) cleanup();
    }
  }

  readonly #stop = (): void => {
    this.#stopping = true;
    // A signal overtakes what the kernel told before it: one turn of the event loop lets that in. Then the wait is ended;
    // where the output is waited for instead, what has been received by then is still to be printed.
    setImmediate(() => {
      if (this.#idle) void this.#watcher?.stop();
    });
  };

  async #follow(watcher: EventSource): Promise<void> {
    while (!this.#stopping) {
      this.#idle = true;
      const event = await watcher.recv();
      this.#idle = false;
      if (event === undefined) return;
      await this.#output.write(this.#print(event) + this.#printReady(watcher, BATCH - 1));
    }
    await this.#output.write(this.#printReady(watcher, watcher.stats().buffered));
  }

  /** The lines of the events that are there already, at most so many. */
  #printReady(watcher: EventSource, most: number): string {
    let text = '';
    for (let taken = 0; taken < most; taken++) {
      const event = watcher.tryRecv();
      if (event === undefined) break;
      text += this.#print(event);
    }
    return text;
  }

  /** The line of an event; nothing if it is not wanted. */
  #print(event: NamespaceEvent): string {
    if (this.#settings.events.has(event.type)) return this.#tell(event);
    if (event.type === 'directoryCreated') this.#note(`${event.path} is there now`);
    if (event.type === 'directoryDeleted') this.#note(`${event.path} is gone; waiting for it to come back`);
    return '';
  }

  /** The line, and once for each reason why a name is not ready what can be done about it. */
  #tell(told: Told): string {
    if (
      (told.type === 'created' || told.type === 'present') &&
      !told.ready &&
      !this.#explained.has(told.reason)
    ) {
      this.#explained.add(told.reason);
      const remedy = REMEDIES[told.reason];
      if (remedy !== undefined) this.#note(remedy);
    }
    return this.#line(told);
  }

  #noteStart(directoryIsThere: boolean, namespaces: number): void {
    const { directory } = this.#settings.watcher;
    if (!directoryIsThere) this.#note(`${directory} is not there yet; waiting for it`);
    else if (namespaces === 0) this.#note(`no namespaces in ${directory} yet; waiting for the first`);
  }

  #note(text: string): void {
    this.#io.stderr.write(`nlink: ${escaped(text)}\n`);
  }
}

function lineMaker(
  { json, colourRefused, watcher }: WatchSettings,
  { env, stdout, now }: Io,
): (told: Told) => string {
  if (json) return (told) => `${jsonLine(told, now())}\n`;
  const paint = painter(wantsColour(env, stdout.isTTY === true, colourRefused));
  const style = { paint, readyTimeout: watcher.readyTimeout };
  return (told) => `${humanLine(told, now(), style)}\n`;
}
