/**
 * What a namespace is called where its links are printed (label-text.ts). `text` is as it is, for
 * JSON; `shown` is escaped and quoted as names are (escape.ts), so that a name cannot look like
 * another word.
 */
import { labelText } from '../watch/links/label-text.ts';
import type { Labelled } from '../watch/links/label-text.ts';
import { shown } from './escape.ts';
import { ownerText } from './owner-text.ts';

export interface NamespaceLabel {
  text: string;
  shown: string;
}

/** @param directory a name in it stands alone, one in another as its path */
export function labelOf(netns: Labelled, directory: string): NamespaceLabel {
  const text = labelText(netns, directory);
  if (netns.names.length > 0) return { text, shown: shown(text) };
  return { text, shown: netns.own || netns.owner === null ? text : ownerText(netns.owner) };
}
