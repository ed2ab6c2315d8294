/**
 * Reads a text of metrics as strictly as the formats are written, and more strictly than promtool
 * 2.42, which passes duplicate series and split families: each family once and in one piece, HELP
 * and TYPE once and before its samples, no series twice, nothing that is not escaped.
 */
import { strict as assert } from 'node:assert';
import type { Format } from '../../../../src/serve/metrics/exposition.ts';

export interface Read {
  /** By name of the sample and its labels, in their order, as they stand there. */
  values: Map<string, number>;
  /** By name of the family. */
  types: Map<string, string>;
  units: Map<string, string>;
  help: Map<string, string>;
  /** By name of the sample: the labels of each, unescaped. */
  series: Map<string, Record<string, string>[]>;
}

const SAMPLE = /^([a-z_][a-z0-9_]*)(?:\{(.+)\})? (\S+)$/u;
const LABEL = /([a-z_][a-z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,(?=[a-z])|$)/uy;
const NUMBER = /^(?:NaN|[+-]Inf|-?\d+(?:\.\d+)?(?:e[+-]\d+)?)$/u;

export function checked(text: string, format: Format): Read {
  assert.equal(Buffer.from(text).toString(), text, 'is no UTF-8');
  assert.ok(text.endsWith('\n'), 'the last line has no end');
  const lines = text.slice(0, -1).split('\n');
  if (format === 'openmetrics') assert.equal(lines.pop(), '# EOF');
  const read: Read = {
    values: new Map(),
    types: new Map(),
    units: new Map(),
    help: new Map(),
    series: new Map(),
  };
  let current = '';
  const seen = new Set<string>();
  for (const line of lines) {
    const [, kind = '', family = '', rest = ''] = /^# (HELP|TYPE|UNIT) (\S+) (.*)$/u.exec(line) ?? [];
    if (kind !== '') {
      if (family !== current) {
        assert.ok(!seen.has(family), `${family} is split`);
        seen.add((current = family));
      }
      const known = { HELP: read.help, TYPE: read.types, UNIT: read.units }[kind] as Map<string, string>;
      assert.ok(!known.has(family), `${kind} of ${family} twice`);
      assert.ok(format === 'openmetrics' || kind !== 'UNIT', line);
      assert.ok(
        !(read.series.has(family) || read.series.has(`${family}_total`)),
        `${kind} after a sample: ${line}`,
      );
      known.set(family, rest);
      continue;
    }
    const [, name = '', labels = '', value = ''] = SAMPLE.exec(line) ?? [];
    assert.notEqual(name, '', `no sample: ${JSON.stringify(line)}`);
    const type = read.types.get(current);
    const suffix = format === 'text' ? '' : type === 'counter' ? '_total' : type === 'info' ? '_info' : '';
    assert.equal(name, current + suffix, `a sample outside of its family: ${line}`);
    assert.ok(read.help.has(current) && type !== undefined, line);
    assert.match(value, NUMBER);
    if (type === 'counter') assert.ok(name.endsWith('_total') && Number(value) >= 0, line);
    const unit = read.units.get(current);
    assert.ok(unit === undefined || current.endsWith(`_${unit}`), `${current} does not end in ${unit}`);
    const series = `${name}{${labels}}`;
    assert.ok(!read.values.has(series), `${series} twice`);
    read.values.set(series, Number(value));
    read.series.set(name, [...(read.series.get(name) ?? []), labelsOf(labels)]);
  }
  return read;
}

function labelsOf(text: string): Record<string, string> {
  const all: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const [, name = '', value = ''] = LABEL.exec(text) ?? [];
    assert.ok(name !== '' && !(name in all), `labels: ${text}`);
    all[name] = value.replace(/\\(.)/gsu, (_, character: string) => (character === 'n' ? '\n' : character));
  }
  return all;
}
