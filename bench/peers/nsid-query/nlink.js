/**
 * nlink.js DIRECTORY NAMES: `Connection.getNsid` of namespaces that are open, each awaited before
 * the next.
 */
import { openSync } from 'node:fs';
import { Connection } from '../../../dist/index.js';
import { turns } from '../turns.js';

const [, , directory, names] = process.argv;
const connection = await Connection.open();
const descriptors = Array.from({ length: Number(names) }, (_, index) =>
  openSync(`${directory}/added-${index}`),
);
await turns(async (times) => {
  let sum = 0;
  for (let asked = 0; asked < times; asked++)
    sum += await connection.getNsid({ fd: descriptors[asked % descriptors.length] });
  return sum;
});
