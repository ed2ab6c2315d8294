/**
 * A real nats-server with JetStream, of one test: on a port of its own, with its store
 * in a temporary directory. It ends with the test, and if the test's process dies (PR_SET_PDEATHSIG).
 *
 * The port lies below those that the kernel gives to connections (ip_local_port_range, from 32,768
 * on): while the server is down, one of its clients could otherwise be given it, or even be
 * connected to itself, and the server could not come back.
 */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { waitFor, within } from '../../../../test/support/wait.ts';

export interface NatsServerOptions {
  /** Ends the server after the test; without it `stop()` is the caller's. */
  t?: TestContext;
  /** More of a configuration file: users, accounts, limits. */
  config?: string;
  /** More of its `jetstream` block, as `max_file_store: 1MB`. */
  jetstream?: string;
  /** Kept after the end; without it a directory that is removed. */
  storeDir?: string;
  /** Default `NLINK_NATS_SERVER`, or `nats-server` in PATH or `/usr/sbin`. */
  binary?: string;
  port?: number;
  /** Its address. Default 127.0.0.1. */
  host?: string;
}

export interface RestartOptions {
  wipe?: boolean;
  signal?: NodeJS.Signals;
  /** Instead of that which it was started with. */
  config?: string;
}

export interface NatsServer {
  readonly port: number;
  /** `nats://HOST:PORT`, without credentials. */
  readonly url: string;
  readonly pid: number;
  readonly storeDir: string;
  /** What it has logged since it was started last. */
  readonly log: string;
  /** Done when it has ended; a paused one ends by SIGKILL alone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** SIGSTOP; done when it stands. */
  pause(): Promise<void>;
  resume(): void;
  /** Ended, and its directory removed. */
  stop(): Promise<void>;
  /** The same port; the same store, unless `wipe` (then ended by SIGKILL, if it still runs). */
  restart(options?: RestartOptions): Promise<void>;
}

const ATTEMPTS = 20;
const PATH = `${process.env['PATH']}:/usr/sbin:/usr/bin:/sbin:/bin`;

const binaryOf = ({ binary }: NatsServerOptions): string =>
  binary ?? process.env['NLINK_NATS_SERVER'] ?? 'nats-server';

/** For tests that need one: why they are left out. With CI=true that is a failure. */
export const withServer: { skip: string | false } = {
  skip:
    spawnSync(binaryOf({}), ['--version'], { env: { ...process.env, PATH } }).error === undefined
      ? false
      : 'needs nats-server: apt-get install nats-server',
};

export async function startNatsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  const server = new Server(options);
  options.t?.after(() => server.stop());
  for (let attempt = 1; ; attempt++) {
    try {
      await server.start();
      return server;
    } catch (error) {
      const isTaken = String(error).includes('address already in use') && options.port === undefined;
      if (isTaken && attempt < ATTEMPTS) continue;
      await server.stop();
      throw error;
    }
  }
}

class Server implements NatsServer {
  port = 0;
  log = '';
  readonly storeDir: string;
  readonly #options: NatsServerOptions;
  readonly #directory: string;
  #config: string;
  #child: ChildProcess | null = null;

  constructor(options: NatsServerOptions) {
    this.#options = options;
    this.#config = options.config ?? '';
    this.#directory = mkdtempSync(join(tmpdir(), 'nlink-nats-'));
    this.storeDir = options.storeDir ?? join(this.#directory, 'store');
  }

  get url(): string {
    return `nats://${this.#host}:${this.port}`;
  }

  get #host(): string {
    return this.#options.host ?? '127.0.0.1';
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error('nats-server does not run');
    return pid;
  }

  async start(): Promise<void> {
    const isNew = this.port === 0 || this.log.includes('address already in use');
    if (isNew) this.port = this.#options.port ?? 10_000 + Math.floor(Math.random() * 22_000);
    mkdirSync(this.storeDir, { recursive: true });
    const file = join(this.#directory, 'server.conf');
    const { jetstream = '' } = this.#options;
    const block = `jetstream {\n  store_dir: ${JSON.stringify(this.storeDir)}\n  ${jetstream}\n}\n`;
    writeFileSync(file, `listen: "${this.#host}:${this.port}"\n${block}${this.#config}\n`);
    const words = ['--pdeathsig', 'KILL', '--', binaryOf(this.#options), '-c', file];
    const child = spawn('setpriv', words, {
      env: { ...process.env, PATH },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    this.log = '';
    await within('the start of nats-server', this.#ready(child));
    await waitFor('nats-server to accept', () => accepts(this.port, this.#host));
  }

  /** It says so before it accepts. */
  #ready(child: ChildProcess): Promise<void> {
    return new Promise((resolve, reject) => {
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        this.log = (this.log + text).slice(-1_000_000);
        if (this.log.includes('Server is ready')) resolve();
      });
      child.once('error', reject);
      child.once('close', (code) => {
        if (this.#child === child) this.#child = null;
        reject(new Error(`nats-server ended with ${code}: ${this.log}`));
      });
    });
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    const closed = once(child, 'close');
    child.kill(signal);
    await within('the end of nats-server', closed);
  }

  async pause(): Promise<void> {
    const { pid } = this;
    this.#child?.kill('SIGSTOP');
    // proc_pid_stat(5)
    await waitFor('nats-server to stand', () => /\) T /.test(readFileSync(`/proc/${pid}/stat`, 'latin1')));
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  async restart(options: RestartOptions = {}): Promise<void> {
    const { wipe = false, signal = wipe ? 'SIGKILL' : 'SIGTERM' } = options;
    await this.kill(signal);
    this.#config = options.config ?? this.#config;
    if (wipe) rmSync(this.storeDir, { recursive: true, force: true });
    await this.start();
  }

  async stop(): Promise<void> {
    await this.kill('SIGKILL');
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** The server speaks first: its INFO, in which it says that it has JetStream. */
function accepts(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.setEncoding('utf8');
    socket.once('data', (text) => {
      socket.destroy();
      resolve(String(text).includes('"jetstream":true'));
    });
    socket.once('error', () => resolve(false));
  });
}
