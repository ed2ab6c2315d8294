/** The {@link Io} of this process: its streams, its signals; the library is loaded when called. */
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { onHangup, Stderr } from '../../core.ts';
import type { Io, StopSignal } from './io.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const satisfies readonly StopSignal[];

export const processIo = (): Io => ({
  stdout: process.stdout,
  stderr: new Stderr(),
  env: process.env,
  readFile: async (path) => readFileSync(path, 'utf8'),
  natsTransport: async (options) =>
    (await import('../../transport/nats/nats-transport.ts')).natsTransport(options),
  httpTransport: async (options) =>
    (await import('../../transport/http/http-transport.ts')).httpTransport(options),
  openWatcher: async (options) => (await import('../../fleet-watcher.ts')).FleetWatcher.open(options),
  streams: async (...args) => (await import('./streams.ts')).streams(...args),
  startAgent: async (start) => (await import('./start-agent.ts')).startAgent(start),
  hostKey: async (given) => (await import('../../agent/identity.ts')).thisHost(given),
  serve: async (source, options) => (await import('../../serve/serve-fleet.ts')).serveFleet(source, options),
  onStop,
  onReaderGone: (listener) => {
    try {
      return onHangup(1, listener);
    } catch {
      // Where it cannot be watched (no descriptor is left), the next line will find out.
      return () => {};
    }
  },
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
});

/** The second request ends at once, with the status that a shell gives for it. */
const onStop: Io['onStop'] = (listener) => {
  let asked = false;
  const onSignal = (signal: StopSignal): void => {
    if (asked) process.exit(128 + constants.signals[signal]);
    if (listener(signal) !== 'goes on') asked = true;
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return () => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
};
