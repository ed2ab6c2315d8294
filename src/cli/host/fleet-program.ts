/**
 * Where `nlink-fleet` is: a package beside nlink's own, as npm installs both, or a program in PATH.
 * Not in the working directory, which may be anybody's: nlink is often run by root.
 */
import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Of the package, and of what it installs. */
const PROGRAM = 'nlink-fleet';

/** @returns the words that its own follow */
export function fleetProgram(): readonly string[] {
  const require = createRequire(import.meta.url);
  try {
    const manifest = require.resolve(`${PROGRAM}/package.json`);
    const { bin } = require(manifest) as { bin: Record<string, string> };
    const program = join(dirname(manifest), bin[PROGRAM] as string);
    // In a checkout it may not have been built; and if it has, it does not find nlink beside it.
    if (existsSync(program) && findsNlink(program)) return [process.execPath, program];
  } catch {
    // It is no package here.
  }
  return [PROGRAM];
}

/** It is made to be installed beside nlink, of which it takes all that it has in common with it. */
function findsNlink(program: string): boolean {
  try {
    return createRequire(program).resolve('nlink/internal') !== '';
  } catch {
    return false;
  }
}
