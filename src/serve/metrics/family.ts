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
  /** `netns="blue",device="eth0"`, escaped; those of two differ. Empty: it is the only one. */
  labels: string;
  value: number;
}

export interface Family extends FamilyInfo {
  samples: Sample[];
}

/** What most values are made of: nothing that is escaped. */
const PLAIN = /^[ !#-[\]-~]*$/;
/** A backslash, a quote and a line feed are all that is escaped. */
const ESCAPED = /[\\"\n]/g;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' };

/** @param labels names, which are fixed, and any texts */
export function labels(labels: Readonly<Record<string, string>>): string {
  return withLabels('', labels);
}

/** The same text in one piece: one that was put together is a tree, walked at each use. */
export function flat(labels: string): string {
  // To search in a text V8 makes one piece of it, in place.
  PLAIN.test(labels);
  return labels;
}

/** More labels than there are. */
export function withLabels(before: string, more: Readonly<Record<string, string>>): string {
  let text = before;
  for (const name in more) text += `${text === '' ? '' : ','}${name}="${escaped(more[name] as string)}"`;
  return text;
}

function escaped(text: string): string {
  if (PLAIN.test(text)) return text;
  return labelValue(text).replace(ESCAPED, (character) => ESCAPES[character] ?? '');
}
