/**
 * `--exec`: runs a shell command for each event, or with `--settle` for what has become of a name.
 * What goes wrong with it is said on stderr and ends nothing.
 */
import { refusal } from '../../../sys/permission.ts';
import { escaped, safeJson, shown } from '../../../format/escape.ts';
import { environmentOf, HOOK_VARIABLES } from './hook-environment.ts';
import type { EventRecord } from '../../../format/event-json.ts';
import { HookOwners } from './hook-owners.ts';
import { HookQueue } from './hook-queue.ts';
import type { Io } from '../../host/io.ts';
import { complain, note } from '../../output/output.ts';
import type { HookEnd } from '../../host/hook-process.ts';
import { Settling } from './settling.ts';
import type { Identity } from './settling.ts';

export interface HookSettings {
  command: string;
  /** How many run at a time. */
  jobs: number;
  /** After how many milliseconds one is ended; null: never. */
  timeout: number | null;
  /** For how many milliseconds nothing must have happened to a name; null: it runs at once. */
  settle: number | null;
  /** Where its stdout goes. */
  stdout: 'stdout' | 'stderr';
  /** Where procfs is mounted, in which owners are looked for. Default `/proc`. */
  proc?: string;
}

/** For how long a hook whose time is over has to end by SIGTERM, in milliseconds. */
const GRACE = 2000;

const NOTHING = (): void => {};

export class Hooks {
  readonly #settings: HookSettings;
  readonly #io: Io;
  readonly #queue: HookQueue;
  readonly #owners: HookOwners;
  readonly #settling: Settling | null;
  /** Events that wait for room in the queue. */
  readonly #pendingEvents: EventRecord[] = [];
  #filling: Promise<void> | null = null;
  #stopped = false;
  #dropped = 0;

  constructor(settings: HookSettings, io: Io) {
    this.#settings = settings;
    this.#io = io;
    this.#queue = new HookQueue(settings.jobs);
    this.#owners = new HookOwners(io.calls, settings.proc);
    const emit = (record: EventRecord): void => this.#enqueue(record);
    const isStill = (path: string, namespace: Identity): Promise<boolean> =>
      isAt(io.calls.identityAt, path, namespace);
    this.#settling =
      settings.settle === null ? null : new Settling(settings.settle, { after: io.after, isStill, emit });
  }

  /** Done when the next event may be taken. One call at a time. */
  async add(record: EventRecord): Promise<void> {
    if (this.#stopped) this.#dropped++;
    else if (this.#settling === null) this.#enqueue(record);
    else this.#settling.take(record);
    await this.#filling;
  }

  /**
   * Takes events only for names that have not settled yet.
   * @param onSettled called when all have
   * @returns whether there are any
   */
  close(onSettled: () => void): boolean {
    if (this.#settling === null || this.#settling.waiting === 0) return false;
    this.#settling.close(onSettled);
    return true;
  }

  #enqueue(record: EventRecord): void {
    this.#pendingEvents.push(record);
    this.#filling ??= this.#fill();
  }

  async #fill(): Promise<void> {
    for (
      let record = this.#pendingEvents.shift();
      record !== undefined;
      record = this.#pendingEvents.shift()
    ) {
      const [event, mark] = [record, this.#owners.mark()];
      await this.#queue.add({ keys: keysOf(event), run: () => this.#run(event, mark) });
    }
    this.#filling = null;
  }

  /** Starts no more. */
  stop(): void {
    this.#stopped = true;
    this.#dropped +=
      (this.#settling?.drop() ?? 0) + this.#pendingEvents.splice(0).length + this.#queue.drop();
    const { running } = this.#queue;
    if (running > 0)
      note(
        `waiting for ${running} ${running === 1 ? 'command' : 'commands'}; a second signal exits at once`,
        this.#io,
      );
  }

  /** Done when all have ended. */
  async finish(): Promise<void> {
    await this.#filling;
    await this.#queue.idle();
    if (this.#dropped > 0)
      note(`no hook was run for ${this.#dropped} ${this.#dropped === 1 ? 'event' : 'events'}`, this.#io);
  }

  async #run(event: EventRecord, mark: number): Promise<void> {
    const { command, timeout, stdout } = this.#settings;
    const { after, startHook } = this.#io;
    const record = await this.#withOwner(event, mark);
    if (this.#stopped) {
      this.#dropped++;
      return;
    }
    const env = this.#environment(record);
    const hook = await startHook({ command, env, input: `${safeJson(record)}\n`, stdout });
    let killed: Promise<void> | null = null;
    let forget = NOTHING;
    if (timeout !== null)
      forget = after(timeout, () => {
        hook.kill('SIGTERM');
        killed = new Promise((resolve) => {
          forget = after(GRACE, () => {
            hook.kill('SIGKILL');
            resolve();
          });
        });
      });
    let fault: string | null;
    try {
      fault = faultOf(await hook.ended);
    } catch (error) {
      fault = `could not be started: ${refusal(error) ?? (error as Error).message}`;
    }
    if (killed !== null) {
      fault = `was killed after ${timeout} ms`;
      // What the shell had started may take no notice of SIGTERM.
      if (hook.kill(0)) await (killed as Promise<void>);
    }
    forget();
    if (fault !== null) complain(`the hook for ${subject(record)} ${fault}`, this.#io);
  }

  /**
   * An event of a namespace has an owner, or null; with `--all` it may know one that nobody finds
   * now.
   */
  async #withOwner(event: EventRecord, mark: number): Promise<EventRecord> {
    if (event['namespace'] === undefined) return event;
    const namespace = event['namespace'] as Identity;
    const found = namespace === null ? null : await this.#owners.of(namespace, mark);
    return { ...event, owner: found ?? event['owner'] ?? null };
  }

  #environment(record: EventRecord): Record<string, string> {
    const env: NodeJS.ProcessEnv = { ...this.#io.env };
    for (const variable of HOOK_VARIABLES) delete env[variable];
    for (const [variable, value] of Object.entries(environmentOf(record)))
      if (value !== null) env[variable] = value;
    return env as Record<string, string>;
  }
}

/**
 * What an event is about: its names, its namespace and its id, so that no two at a time concern the
 * same one.
 */
function keysOf(record: EventRecord): string[] | null {
  // A link that moved concerns two.
  const keys = [record, (record['from'] ?? {}) as EventRecord].flatMap(keysIn);
  return keys.length === 0 ? null : keys;
}

function keysIn(record: EventRecord): string[] {
  const {
    path,
    names = [],
    namespace,
    nsid,
    number,
    origin,
  } = record as {
    path?: string;
    names?: readonly { path: string }[];
    namespace?: Record<string, string | null> | null;
    nsid?: number | null;
    number?: number | null;
    origin?: number;
  };
  const paths = path === undefined ? names.map((name) => name.path) : [path];
  const keys = paths.map((each) => `path ${each}`);
  if (namespace) keys.push(`namespace ${namespace['id'] ?? Object.values(namespace).join(' ')}`);
  if (typeof nsid === 'number') keys.push(`nsid ${origin ?? ''} ${nsid}`);
  if (typeof number === 'number') keys.push(`number ${number}`);
  return keys;
}

/**
 * By the kernel's number or that of the inode: its time is another at each look where nothing holds
 * the inode (Linux 6.17).
 */
async function isAt(
  identityAt: Io['calls']['identityAt'],
  path: string,
  namespace: Identity,
): Promise<boolean> {
  const found = await identityAt(path).catch(() => null);
  if (found === null || namespace === null) return false;
  if (found.id !== null && namespace['id'] !== null) return String(found.id) === namespace['id'];
  return String(found.dev) === namespace['dev'] && String(found.ino) === namespace['ino'];
}

function faultOf({ status, signal }: HookEnd): string | null {
  if (signal !== null) return `was killed by ${signal}`;
  return status === 0 ? null : `ended with status ${status}`;
}

function subject({ type, name, path, nsid, netns, link }: EventRecord): string {
  if (typeof netns === 'string')
    return `${type} ${escaped(netns)}:${shown(String((link as { name?: unknown }).name))}`;
  if (typeof name === 'string') return `${type} ${shown(name)}`;
  if (typeof path === 'string') return `${type} ${escaped(path)}`;
  return typeof nsid === 'number' ? `${type} nsid ${nsid}` : type;
}
