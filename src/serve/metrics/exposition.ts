/**
 * Families as text: Prometheus text format 0.0.4, or OpenMetrics 1.0.0. They differ in what a
 * family is called (with the suffix of its type, or without), in infos, which the older one has
 * as gauges, in units, and in the end, by which a text that was cut off is known.
 */
import type { Family, Sample } from './family.ts';

export type Format = 'text' | 'openmetrics';

const SUFFIXES = { counter: '_total', gauge: '', info: '_info' } as const;

/** Each family once, those without a sample not at all. */
export function render(families: readonly Family[], format: Format): string {
  const isOpen = format === 'openmetrics';
  let text = '';
  for (const family of families) {
    const { name, type, help, unit, samples } = family;
    if (samples.length === 0) continue;
    const sampleName = name + SUFFIXES[type];
    const familyName = isOpen ? name : sampleName;
    text += `# HELP ${familyName} ${helpText(help, isOpen)}\n`;
    text += `# TYPE ${familyName} ${isOpen || type !== 'info' ? type : 'gauge'}\n`;
    if (isOpen && unit !== undefined) text += `# UNIT ${familyName} ${unit}\n`;
    text += samplesText(sampleName, samples);
  }
  return isOpen ? `${text}# EOF\n` : text;
}

/** Joined by what all lines of a family have in common: the fewest pieces. */
function samplesText(name: string, samples: readonly Sample[]): string {
  if (samples[0]?.labels === '') return `${name} ${numberText(samples[0].value)}\n`;
  const lines = samples.map(({ labels, value }) => `${labels}} ${numberText(value)}`);
  return `${name}{${lines.join(`\n${name}{`)}\n`;
}

/** OpenMetrics escapes quotes in help as well. */
function helpText(help: string, isOpen: boolean): string {
  const text = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return isOpen ? text.replaceAll('"', '\\"') : text;
}

/** As Go's ParseFloat takes it. */
function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}
