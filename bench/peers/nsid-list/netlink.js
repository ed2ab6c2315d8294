/**
 * netlink.js DIRECTORY NAMES: opens each name, asks for its id with the npm package `netlink`,
 * closes it.
 */
import { closeSync, openSync } from 'node:fs';
import { ask, open } from '../netlink-package.js';
import { turns } from '../turns.js';

const [, , directory, names] = process.argv;
const socket = open({ ref: true });
await turns(async (times) => {
  let sum = 0;
  for (let asked = 0; asked < times * Number(names); asked++) {
    const fd = openSync(`${directory}/added-${asked % Number(names)}`);
    sum += await ask(socket, fd);
    closeSync(fd);
  }
  return sum;
});
