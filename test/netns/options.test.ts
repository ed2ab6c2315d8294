/** Options that are no object, as a caller in JavaScript may pass them: refused by every function. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import {
  attachNamespace,
  createNamespace,
  deleteNamespace,
  diagnoseNames,
  identify,
  isNamespace,
  listNamespaces,
  namespaceExists,
  namespaceHolders,
  namespacePids,
  runInNamespace,
  spawnInNamespace,
  waitForNamespace,
} from '../../src/index.ts';

const functions: Record<string, (options: never) => unknown> = {
  attachNamespace: (options) => attachNamespace('never', { pid: 1 }, options),
  createNamespace: (options) => createNamespace('never', options),
  deleteNamespace: (options) => deleteNamespace('never', options),
  diagnoseNames: (options) => diagnoseNames(['never'], options),
  identify: (options) => identify('never', options),
  isNamespace: (options) => isNamespace('never', options),
  listNamespaces: (options) => listNamespaces(options),
  namespaceExists: (options) => namespaceExists('never', options),
  namespaceHolders: (options) => namespaceHolders('never', options),
  namespacePids: (options) => namespacePids('never', options),
  runInNamespace: (options) => runInNamespace('never', () => undefined, options),
  spawnInNamespace: (options) => spawnInNamespace('never', 'true', [], options),
  waitForNamespace: (options) => waitForNamespace('never', options),
};

for (const [name, call] of Object.entries(functions))
  test(name, async () => {
    for (const options of [null, 5, 'directory'])
      await assert.rejects(async () => call(options as never), {
        code: 'ERR_NLINK_INVALID_ARGUMENT',
        message: /^options must be an object, got /,
      });
  });
