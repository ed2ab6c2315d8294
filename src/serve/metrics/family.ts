/**
 * A family of metrics: all samples of one name, with their labels as text. That text is made once
 * for each namespace and device, and stands in many samples. It is the same in both formats.
 */
import { labelValue } from './label-value.ts';

export type FamilyType = 'counter' | 'gauge' | 'info';

export interface FamilyInfo {
  /** Without the suffix of its type: `_total` of a counter, `_info` of an info. */
  name: string;
  type: FamilyType;
  help: string;
  /** The unit, with which its name ends. */
  unit?: 'bytes' | 'seconds';
}

export interface Sample {
  /** `netns="blue",device="eth0"`, escaped; empty: none. Those of two samples differ. */
  labels: string;
  value: number;
}

export interface Family extends FamilyInfo {
  samples: Sample[];
}

/** A backslash, a quote and a line feed are all that is escaped. */
const ESCAPED = /[\\"\n]/g;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' };

/** @param labels names, which are fixed, and any texts */
export function labels(labels: Readonly<Record<string, string>>): string {
  let text = '';
  for (const name in labels) {
    const value = labelValue(labels[name] as string).replace(
      ESCAPED,
      (character) => ESCAPES[character] ?? '',
    );
    text += `${text === '' ? '' : ','}${name}="${value}"`;
  }
  return text;
}

/** One more label, whatever the others are. */
export const withLabels = (before: string, more: Readonly<Record<string, string>>): string =>
  before === '' ? labels(more) : `${before},${labels(more)}`;
