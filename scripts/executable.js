/** After a build: makes the command's file executable, which tsc does not. npm does so on its own when it installs. */
import { chmodSync, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const command = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
if (existsSync(command)) chmodSync(command, 0o755);
