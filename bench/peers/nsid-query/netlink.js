/**
 * netlink.js DIRECTORY NAMES: the npm package `netlink`, each answer awaited before the next
 * question.
 */
import { openSync } from 'node:fs';
import { ask, open } from '../netlink-package.js';
import { turns } from '../turns.js';

const [, , directory, names] = process.argv;
const socket = open({ ref: true });
const descriptors = Array.from({ length: Number(names) }, (_, index) =>
  openSync(`${directory}/added-${index}`),
);
await turns(async (times) => {
  let sum = 0;
  for (let asked = 0; asked < times; asked++)
    sum += await ask(socket, descriptors[asked % descriptors.length]);
  return sum;
});
