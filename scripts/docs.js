/**
 * Makes the API reference (docs/api/, HTML) from the docstrings by typedoc. Any warning is a
 * failure: a link that leads nowhere, a type that is used and not exported, a public symbol, option
 * or field without a docstring. Usage: docs.js [--check]: with --check nothing is written.
 */
import { fileURLToPath } from 'node:url';
import { tool } from './docs-tools.js';

const { Application, Logger } = await tool('typedoc');

/** What tells the members of a union apart explains itself: `type: 'created'`, `ready: true`. */
const TAG = /\.(type|ready) \(Property\)/;
/** Of what a function gives as `{ a, b }`, its own docstring tells. */
const PART = /\.[a-z]\w*\.__type\./;

class Faults extends Logger {
  found = [];

  log(message, level) {
    // 2: a warning, 3: an error.
    if (
      level < 2 ||
      (message.includes('does not have any documentation') && (TAG.test(message) || PART.test(message)))
    )
      return;
    this.found.push(message);
  }
}

const root = fileURLToPath(new URL('..', import.meta.url));
/**
 * A run for each package: what belongs to another than that of the entry is not looked at. `seams`:
 * by these tests hand over other system calls and clocks; nobody else needs them.
 */
const PACKAGES = [
  {
    name: 'nlink',
    entries: ['src/index.ts', 'src/netlink/index.ts'],
    out: 'docs/api',
    seams: ['NetlinkSystem', 'WatcherIo', 'UnifiedIo', 'SubscriberIo'],
  },
  {
    name: 'nlink-fleet',
    entries: ['packages/fleet/src/index.ts'],
    out: 'docs/api/fleet',
    seams: ['AgentIo', 'ReaderClock', 'NatsTransportIo'],
  },
];
for (const { name, entries, out, seams } of PACKAGES) {
  const app = await Application.bootstrap({
    entryPoints: entries.map((path) => root + path),
    tsconfig: `${root}tsconfig.json`,
    name,
    readme: 'none',
    out: root + out,
    excludeInternal: true,
    excludePrivate: true,
    excludeProtected: true,
    // TypeScript of this repository checks; this one only reads.
    skipErrorChecking: true,
    intentionallyNotExported: seams,
    // What options take over from Node's own links to what is documented there.
    externalSymbolLinkMappings: { '@types/node': { '*': '#' } },
    validation: { notDocumented: true, notExported: true, invalidLink: true },
    disableSources: true,
  });
  const faults = new Faults();
  app.logger = faults;
  const project = await app.convert();
  if (project === undefined) throw new Error('typedoc could not read the sources');
  app.validate(project);
  if (!process.argv.includes('--check')) {
    await app.generateDocs(project, root + out);
    console.log(`${out}/index.html`);
  }
  for (const fault of faults.found) console.error(fault);
  if (faults.found.length > 0) process.exitCode = 1;
}
