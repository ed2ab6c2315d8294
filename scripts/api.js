/**
 * Records every exported symbol of nlink, of nlink/netlink and of nlink-fleet in etc/*.api.md (API Extractor), so
 * that a change of the API is seen in review. Needs a build. Usage: api.js [--check]: with --check
 * nothing is written, and it ends with 1 if a report would differ.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { tool } from './docs-tools.js';

/** One for each entry of the package's exports. */
const { Extractor, ExtractorConfig } = await tool('@microsoft/api-extractor');

const ENTRIES = {
  'nlink.api.md': 'dist/index.d.ts',
  'nlink-netlink.api.md': 'dist/netlink/index.d.ts',
  'nlink-fleet.api.md': 'packages/fleet/dist/index.d.ts',
};
/** Where nlink-fleet finds what it takes from nlink. */
const paths = { 'nlink/internal': [fileURLToPath(new URL('../dist/internal.d.ts', import.meta.url))] };
/** What the reference looks at as well (docs.js), or what this package has no use for. */
const QUIET = ['ae-missing-release-tag', 'ae-unresolved-link', 'ae-undocumented', 'ae-forgotten-export'];

const root = fileURLToPath(new URL('..', import.meta.url));
const check = process.argv.includes('--check');
const temporary = mkdtempSync(`${tmpdir()}/nlink-api-`);
const { compilerOptions } = JSON.parse(readFileSync(`${root}tsconfig.json`, 'utf8'));
try {
  mkdirSync(`${root}etc`, { recursive: true });
  for (const [report, entry] of Object.entries(ENTRIES)) extract(report, `${root}${entry}`);
} finally {
  rmSync(temporary, { recursive: true });
}

function extract(report, entry) {
  const configObject = {
    mainEntryPointFilePath: entry,
    projectFolder: root,
    compiler: {
      overrideTsconfig: {
        compilerOptions: { ...compilerOptions, skipLibCheck: true, paths },
        files: [entry],
      },
    },
    apiReport: {
      enabled: true,
      reportFileName: report,
      reportFolder: `${root}etc`,
      reportTempFolder: temporary,
    },
    docModel: { enabled: false },
    dtsRollup: { enabled: false },
    tsdocMetadata: { enabled: false },
    newlineKind: 'lf',
    messages: {
      extractorMessageReporting: {
        default: { logLevel: 'warning' },
        ...Object.fromEntries(QUIET.map((id) => [id, { logLevel: 'none' }])),
      },
      // typedoc reads the docstrings, and speaks up.
      tsdocMessageReporting: { default: { logLevel: 'none' } },
    },
  };
  const folder = report.startsWith('nlink-fleet') ? 'packages/fleet/' : '';
  const packageJsonFullPath = `${root}${folder}package.json`;
  const config = ExtractorConfig.prepare({ configObject, packageJsonFullPath });
  const { succeeded, apiReportChanged } = Extractor.invoke(config, {
    localBuild: !check,
    messageCallback: (message) => {
      const grave = message.logLevel === 'warning' || message.logLevel === 'error';
      // Of its own doings it need not tell.
      if (!grave || message.messageId.startsWith('console-api-report')) message.handled = true;
    },
  });
  if (succeeded && !(check && apiReportChanged)) return;
  spawnSync('diff', ['-u', `${root}etc/${report}`, `${temporary}/${report}`], { stdio: 'inherit' });
  console.error(`etc/${report} is not what ${entry} exports: npm run api, and read the difference`);
  process.exitCode = 1;
}
