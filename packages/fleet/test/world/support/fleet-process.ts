/**
 * A process of a fleet for tests of faults: hosts with their agents, or a reader, in a network
 * namespace of its own. Does what it is told over its channel, and ends with it.
 */
import { FaultHost } from '../../support/faults/fault-host.ts';
import type { HostSettings } from '../../support/faults/fault-host.ts';
import { FaultReader } from '../../support/faults/fault-reader.ts';

export type Order =
  | { do: 'hosts'; hosts: HostSettings[] }
  | { do: 'reader'; url: string }
  | { do: 'churn'; milliseconds: number }
  | { do: 'rest' | 'act' | 'look' };

/** What a reader holds true and was told. */
export interface Look {
  connection: string;
  hosts: Record<string, { state: string; current: string; picture: string[]; account: string[] }>;
  said: { at: number; text: string }[];
  wrong: string[];
  resyncs: string[];
  events: number;
}

const hosts: FaultHost[] = [];
let reader: FaultReader | null = null;

async function carryOut(order: Order): Promise<unknown> {
  if (order.do === 'hosts') for (const settings of order.hosts) hosts.push(await FaultHost.start(settings));
  else if (order.do === 'reader') reader = await FaultReader.open(order.url);
  else if (order.do === 'churn') for (const host of hosts) host.churn(order.milliseconds);
  else if (order.do === 'rest') for (const host of hosts) host.rest();
  else if (order.do === 'act') for (const host of hosts) host.act();
  else if (reader !== null) return look(reader);
  return null;
}

function look(reader: FaultReader): Look {
  const { watcher, said, wrong, resyncs, events } = reader;
  const found: Look['hosts'] = {};
  for (const { id, state, picture: current } of watcher.hosts())
    found[id] = { state, current, picture: reader.picture(id), account: reader.account(id) };
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
