/** Families as text, in both formats. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import fc from 'fast-check';
import { render } from '../../../src/serve/metrics/exposition.ts';
import { labels, withLabels } from '../../../src/serve/metrics/family.ts';
import type { Family } from '../../../src/serve/metrics/family.ts';
import { labelValue } from '../../../src/serve/metrics/label-value.ts';
import { checked } from './support/checked.ts';

const FAMILIES: readonly Family[] = [
  {
    name: 'a_bytes',
    type: 'counter',
    help: 'All "a"\\b\nc.',
    unit: 'bytes',
    samples: [{ labels: 'x="1"', value: 2 ** 53 - 1 }],
  },
  { name: 'b', type: 'info', help: 'B.', samples: [{ labels: '', value: 1 }] },
  { name: 'empty', type: 'gauge', help: 'Nothing.', samples: [] },
  {
    name: 'c_seconds',
    type: 'gauge',
    help: 'C.',
    unit: 'seconds',
    samples: [1.5, 1e21, 1e-7, Number.NaN, Infinity, -Infinity].map((value, at) => ({
      labels: `at="${at}"`,
      value,
    })),
  },
];

test('the text format', () => {
  assert.equal(
    render(FAMILIES, 'text'),
    `# HELP a_bytes_total All "a"\\\\b\\nc.
# TYPE a_bytes_total counter
a_bytes_total{x="1"} 9007199254740991
# HELP b_info B.
# TYPE b_info gauge
b_info 1
# HELP c_seconds C.
# TYPE c_seconds gauge
c_seconds{at="0"} 1.5
c_seconds{at="1"} 1e+21
c_seconds{at="2"} 1e-7
c_seconds{at="3"} NaN
c_seconds{at="4"} +Inf
c_seconds{at="5"} -Inf
`,
  );
});

test('OpenMetrics', () => {
  assert.equal(
    render(FAMILIES.slice(0, 3), 'openmetrics'),
    `# HELP a_bytes All \\"a\\"\\\\b\\nc.
# TYPE a_bytes counter
# UNIT a_bytes bytes
a_bytes_total{x="1"} 9007199254740991
# HELP b B.
# TYPE b info
b_info 1
# EOF
`,
  );
  assert.equal(render([], 'openmetrics'), '# EOF\n');
  assert.equal(render([], 'text'), '');
});

test('any text is a value of a label, and comes back', () => {
  const text = fc.string({
    unit: fc.constantFrom('\\', '"', '\n', 'n', '}', ',', ' ', 'é', '🦊', '\ud800', '\udcff'),
  });
  fc.assert(
    fc.property(text, text, (one, other) => {
      const series = withLabels(labels({ one }), { other });
      for (const format of ['text', 'openmetrics'] as const) {
        const family: Family = {
          name: 'a',
          type: 'gauge',
          help: 'A.',
          samples: [{ labels: series, value: 1 }],
        };
        const read = checked(render([family], format), format);
        assert.deepEqual(read.series.get('a'), [{ one: labelValue(one), other: labelValue(other) }]);
      }
    }),
  );
});

test('what the check itself would find', () => {
  const bad = [
    '# HELP a A.\n# TYPE a gauge\na 1\na 2\n',
    '# HELP a A.\n# TYPE a gauge\na{x="1"} 1\n# HELP b B.\n# TYPE b gauge\nb 1\na{x="2"} 2\n',
    '# HELP a A.\n# TYPE a gauge\n# TYPE a gauge\na 1\n',
    '# HELP a A.\n# TYPE a gauge\na{x="""} 1\n',
    '# TYPE a gauge\na 1\n',
    '# HELP a A.\n# TYPE a counter\na 1\n',
    '# HELP a A.\n# TYPE a gauge\na 1',
  ];
  for (const text of bad) assert.throws(() => checked(text, 'text'), assert.AssertionError, text);
  assert.throws(() => checked('# HELP a A.\n# TYPE a gauge\na 1\n', 'openmetrics'), assert.AssertionError);
});
