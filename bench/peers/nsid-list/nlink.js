/** nlink.js DIRECTORY NAMES: `Connection.getNsids` of the paths of all names. */
import { Connection } from '../../../dist/index.js';
import { turns } from '../turns.js';

const [, , directory, names] = process.argv;
const connection = await Connection.open();
const references = Array.from({ length: Number(names) }, (_, index) => ({
  path: `${directory}/added-${index}`,
}));
await turns(async (times) => {
  let sum = 0;
  for (let time = 0; time < times; time++) {
    for (const nsid of await connection.getNsids(references)) sum += nsid;
  }
  return sum;
});
