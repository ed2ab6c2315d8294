/**
 * Reads small programs by TypeScript against the installed package, in every way that users resolve
 * it, with the package's own declarations checked as well (no skipLibCheck).
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const MODULE = `import { listNamespaces, UnifiedNamespaceWatcher, type NamespaceEntry, type UnifiedEvent } from 'nlink';
import { Connection, decodeMessages, type NetlinkMessage } from 'nlink/netlink';

const names: NamespaceEntry[] = await listNamespaces({ directory: '/var/run/netns' });
for (const entry of names) if (!entry.ready) console.log(entry.name, entry.reason);

await using watcher = await UnifiedNamespaceWatcher.open({ readyTimeout: 5 });
for await (const event of watcher) {
  const told: UnifiedEvent = event;
  if (told.type === 'destroyed') console.log((told.nsid ?? 0) + 1, told.names.map(({ path }) => path));
}
const messages: NetlinkMessage[] = decodeMessages(new Uint8Array());
export const nsid: number | null = await (await Connection.open()).getNsid({ path: String(messages.length) });
// @ts-expect-error There is no such option.
await UnifiedNamespaceWatcher.open({ directorys: [] });
`;

const COMMONJS = `import nlink = require('nlink');
import type { NamespaceId } from 'nlink';

async function main(): Promise<NamespaceId> {
  return nlink.createNamespace('blue', { directory: '/run/somewhere' });
}
main().catch((error: unknown) => console.error(error instanceof nlink.NlinkError ? error.code : error));
`;

/** @param run runs a command and throws with what it printed */
export function checkTypes(project, root, run) {
  check('nodenext', 'module.ts', MODULE, { module: 'nodenext' });
  check('bundler', 'bundled.ts', MODULE, { module: 'preserve', moduleResolution: 'bundler' });
  check('commonjs', 'commonjs.cts', COMMONJS, { module: 'nodenext' });

  function check(title, file, text, options) {
    const config = {
      compilerOptions: {
        target: 'es2023',
        lib: ['es2023', 'esnext.disposable'],
        strict: true,
        noEmit: true,
        types: ['node'],
        typeRoots: [join(root, 'node_modules/@types')],
        ...options,
      },
      files: [file],
    };
    writeFileSync(join(project, file), text);
    writeFileSync(join(project, `tsconfig.${title}.json`), JSON.stringify(config));
    run(join(root, 'node_modules/.bin/tsc'), ['-p', `tsconfig.${title}.json`], project);
  }
}
