/**
 * A process of a fleet for tests of faults: hosts with their agents, or a reader, in a network
 * namespace of its own. Does what it is told over its channel, and ends with it.
 */
import type { FaultHost, HostSettings } from '../../support/faults/fault-host.ts';
import { FaultReader } from '../../support/faults/fault-reader.ts';
import { ModelHost } from '../../support/faults/model-host.ts';
import { NamedHost } from '../../support/faults/named-host.ts';
import type { Held, Truth } from '../../support/faults/truth.ts';

export type Order =
  | { do: 'named'; settings: HostSettings; directory: string }
  | { do: 'model'; settings: HostSettings; seed: number }
  | { do: 'reader'; url: string }
  | { do: 'churn'; milliseconds: number }
  | { do: 'rest' | 'act' | 'truth' | 'look' | 'held' };

/** What a reader holds true and was told. */
export interface Look {
  connection: string;
  hosts: Record<string, { state: string; current: string }>;
  said: { at: number; text: string }[];
  wrong: string[];
  resyncs: string[];
  events: number;
}

const hosts: FaultHost[] = [];
let reader: FaultReader | null = null;

async function carryOut(order: Order): Promise<unknown> {
  if (order.do === 'named') hosts.push(await NamedHost.start(order.settings, order.directory));
  else if (order.do === 'model') hosts.push(await ModelHost.start(order.settings, order.seed));
  else if (order.do === 'reader') reader = await FaultReader.open(order.url);
  else if (order.do === 'churn') for (const host of hosts) host.churn(order.milliseconds);
  else if (order.do === 'rest') for (const host of hosts) host.rest();
  else if (order.do === 'act') for (const host of hosts) host.act();
  else if (order.do === 'truth') return truth();
  else if (reader === null) return null;
  else return order.do === 'look' ? look(reader) : held(reader);
  return null;
}

const truth = (): Record<string, Truth> => Object.fromEntries(hosts.map((host) => [host.key, host.truth()]));

const held = (reader: FaultReader): Record<string, Held> =>
  Object.fromEntries(reader.watcher.hosts().map(({ id }) => [id, reader.held(id)]));

function look(reader: FaultReader): Look {
  const { watcher, said, wrong, resyncs, events } = reader;
  const found: Look['hosts'] = {};
  for (const { id, state, picture: current } of watcher.hosts()) found[id] = { state, current };
  return { connection: watcher.connection, hosts: found, said, wrong, resyncs, events };
}

async function answer(id: number, order: Order): Promise<void> {
  try {
    process.send?.({ id, answer: await carryOut(order) });
  } catch (error) {
    process.send?.({ id, error: String(error) });
  }
}

process.on('message', ({ id, order }: { id: number; order: Order }) => void answer(id, order));
process.on('disconnect', () => process.exit());
