/** Faults in the streams, subjects and messages of nlink-fleet. As in index.js. */
export const fleetWire = [
  {
    id: 'a delta may go to any shard',
    symbol: 'agentPermissions',
    find: 'deltaSubject(shard, key)',
    replace: "deltaSubject('*', key)",
    tests: ['nats/credentials'],
  },
  {
    id: 'no answer in time is taken for a no',
    symbol: 'nats/publish/failure',
    find: "return { kind: 'unknown', reason: NO_ANSWER };",
    replace: "return { kind: 'refused', reason: NO_ANSWER };",
    tests: ['nats/publish'],
  },
  {
    id: 'the heads of many push out those of others',
    symbol: 'wantedStreams',
    find: "discard: 'new'",
    replace: "discard: 'old'",
    tests: ['nats/streams'],
  },
  {
    id: 'errors of a socket that the client is done with end the process',
    symbol: 'socket-errors/guard',
    find: "return socket.on('error', ignored);",
    replace: 'return socket;',
    tests: ['nats/socket-errors'],
  },
  {
    id: 'those of the sockets after the first',
    symbol: 'socket-errors/follow',
    find: "if (type === 'reconnect') guard(connection);",
    replace: 'void type;',
    tests: ['nats/socket-errors'],
  },
  // wire/.
  {
    id: 'what is packed may be of any length',
    symbol: 'payload/unpacked',
    find: 'maxOutputLength: most',
    replace: 'maxOutputLength: 2 ** 30',
    tests: ['wire/wire'],
  },
  {
    id: 'parts of two snapshots make one',
    symbol: 'SnapshotParts.add',
    find: 'head.seq === seq &&',
    replace: '',
    tests: ['wire/wire'],
  },
  {
    id: 'a snapshot need not be as long as it says',
    symbol: 'SnapshotParts.add',
    find: 'whole.length === bytes ?',
    replace: 'whole.length >= 0 ?',
    tests: ['wire/wire'],
  },
  {
    id: 'there is a part more than there are parts',
    symbol: 'decodePart',
    find: 'part >= parts',
    replace: 'part > parts',
    tests: ['wire/wire'],
  },
];
