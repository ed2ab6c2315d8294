/**
 * The command that runs a script by the very runtime that runs us: Node, Deno, or what has Node
 * inside.
 */
import type { BriefProgram } from './brief-program.ts';

/**
 * The command; or why there is none, as the end of a sentence: an executable that is a program of
 * its own would start that program once more.
 */
export function ownRuntime(
  script: string,
  versions: Readonly<Record<string, string | undefined>> = process.versions,
  isProgram: boolean = isSingleExecutable(),
): Pick<BriefProgram, 'words' | 'environment'> | string {
  if (isProgram) return 'this is a single executable application, which runs no other script';
  if (versions['deno'] !== undefined)
    return { words: [process.execPath, 'run', '--quiet', '--allow-all', '--no-config', script] };
  if (versions['electron'] !== undefined)
    return { words: [process.execPath, script], environment: { ELECTRON_RUN_AS_NODE: '1' } };
  return { words: [process.execPath, script] };
}

/** https://nodejs.org/api/single-executable-applications.html; since Node 20.12. */
function isSingleExecutable(): boolean {
  const sea = process.getBuiltinModule('node:sea') as typeof import('node:sea') | undefined;
  return sea?.isSea() === true;
}
