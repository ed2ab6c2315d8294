/**
 * netlink.js [stamps]: the npm package `netlink`, with a receive buffer as large as nlink's: with
 * that of the system a burst fills it, and at ENOBUFS the package (0.3.0) aborts the process.
 */
import { nsidIn, open, RTM_DELNSID, RTM_NEWNSID, RTNLGRP_NSID } from '../netlink-package.js';
import { told, watching } from './tally.js';

const types = new Map([
  [RTM_NEWNSID, 'newNsid'],
  [RTM_DELNSID, 'delNsid'],
]);
const socket = open({ ref: true, recvBufferSize: 4 * 1024 * 1024 });
socket.on('message', (messages) => {
  for (const { type, data } of messages) told({ type: types.get(type), nsid: nsidIn(data) });
});
socket.addMembership(RTNLGRP_NSID);
watching();
