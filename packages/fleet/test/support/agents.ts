/** Agents of hosts that are lists, on a server of the test's own. */
import type { TestContext } from 'node:test';
import { connect } from '@nats-io/transport-node';
import { waitFor } from '../../../../test/support/wait.ts';
import { agentIo } from '../../src/agent/agent-options.ts';
import type { AgentIo, FleetAgentOptions } from '../../src/agent/agent-options.ts';
import { FleetAgent } from '../../src/agent/fleet-agent.ts';
import type { AgentNotice } from '../../src/agent/notices.ts';
import { makeStreams } from '../../src/nats/streams.ts';
import type { NatsServer } from './nats-server.ts';
import { ScriptedWatcher } from './scripted-watcher.ts';
import { Store } from './store.ts';

export interface Running {
  agent: FleetAgent;
  host: ScriptedWatcher;
  key: string;
  notices: AgentNotice[];
  /** Waits until it has told one of this type after those that were there at the call before. */
  told: (type: AgentNotice['type']) => Promise<AgentNotice>;
}

export async function startAgent(
  t: TestContext,
  server: NatsServer,
  key: string,
  options: Partial<FleetAgentOptions> = {},
  io: Partial<AgentIo> = {},
): Promise<Running> {
  const host = new ScriptedWatcher();
  const notices: AgentNotice[] = [];
  let seen = 0;
  const agent = await FleetAgent.start(
    {
      watcher: host.watcher,
      nats: { servers: server.url },
      key,
      onNotice: (notice) => notices.push(notice),
      ...options,
    },
    { ...agentIo, ...io },
  );
  t.after(() => agent.stop());
  const told = async (type: AgentNotice['type']): Promise<AgentNotice> => {
    const at = (): number => notices.findIndex((notice, index) => index >= seen && notice.type === type);
    await waitFor(`the agent to tell ${type}`, () => at() >= 0);
    const found = at();
    seen = found + 1;
    return notices[found] as AgentNotice;
  };
  return { agent, host, key, notices, told };
}

/** The server's streams, made unless `isEmpty`. */
export async function openStore(t: TestContext, server: NatsServer, isEmpty = false): Promise<Store> {
  const connection = await connect({
    servers: server.url,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 50,
    reconnectJitter: 1,
  });
  t.after(() => connection.close());
  if (!isEmpty) await makeStreams(connection);
  return Store.open(connection);
}
