/** `nlink fleet`: becomes `nlink-fleet`, if that is installed. */
import type { SystemError } from '../../sys/errno.ts';
import type { Run } from '../args/given.ts';
import { complain } from '../output/output.ts';

/** As of `nlink exec`. */
const NOT_FOUND = 127;
/** Options of nlink itself that may stand before `fleet`. */
const PASSED_ON = ['quiet', 'no-color'];

export const fleet: Run = async ({ options, arguments: args }, io) => {
  const program = await io.fleetProgram();
  const passed = PASSED_ON.filter((name) => options.has(name)).map((name) => `--${name}`);
  try {
    return await io.execProgram([...program, ...passed, ...(args.get('words') ?? [])]);
  } catch (error) {
    const { code, syscall } = error as SystemError;
    if (syscall !== 'execvp' || code !== 'ENOENT') throw error;
    complain('nlink-fleet is not installed: npm install --global nlink-fleet', io);
    return NOT_FOUND;
  }
};
