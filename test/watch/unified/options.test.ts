/** The options that a `UnifiedNamespaceWatcher` has of its own. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { checkUnifiedOptions } from '../../../src/watch/unified/unified-options.ts';

// Fails if the names of one directory are taken in twice, as names at the same paths.
test('one directory in several spellings is one, as it was spelled first', () => {
  const spellings = ['/run/netns/', '/run/netns', '/run//netns', '/run/./netns/.', '/run/netns//'];
  const settings = checkUnifiedOptions({
    directories: [...spellings, 'netns', './netns/', '/run/x/../netns'],
  });
  assert.deepEqual(settings.directories, ['/run/netns/', `${process.cwd()}/netns`, '/run/x/../netns']);
});
