/**
 * Run by sandbox.ts in place of a test file where the machine allows no sandbox: one skipped test
 * that says why.
 */
import { basename } from 'node:path';
import { test } from 'node:test';

const [, , file = '', reason = ''] = process.argv;
test(`${basename(file)} in a sandbox`, { skip: `no private namespaces here: ${reason}` }, () => {});
