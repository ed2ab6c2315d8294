/** `nlink id`: which id a namespace has in this one. */
import type { Run } from '../args/given.ts';
import { debugWanted, describe } from '../output/error-text.ts';
import { print } from '../output/output.ts';
import { NOT_READY } from '../spec/shared.ts';
import { nsidOf } from '../args/target.ts';
import { queryNsid } from './shared/target-query.ts';

export const id: Run = async (given, io) => {
  let text: string;
  try {
    text = await queryNsid(given, io, nsidOf);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // EINVAL: the kernel was given what is open, and says that it is no network namespace.
    if (code !== 'ERR_NLINK_NOT_A_NAMESPACE' && code !== 'EINVAL') throw error;
    // A script can tell a stale name from one that is not there.
    io.stderr.write(describe(error, debugWanted(io.env)).text);
    return Number(NOT_READY[0]);
  }
  return print(text, io);
};
