/** Makes or checks the streams over a connection of its own. */
import { connectNats } from '../../nats/connect.ts';
import { checkStreams, makeStreams } from '../../nats/streams.ts';
import type { Io } from './io.ts';

export const streams: Io['streams'] = async (nats, options, isMaking) => {
  const connection = await connectNats(nats, { name: 'nlink-fleet init', inbox: '_INBOX' });
  try {
    return await (isMaking ? makeStreams : checkStreams)(connection, options);
  } finally {
    await connection.close();
  }
};
