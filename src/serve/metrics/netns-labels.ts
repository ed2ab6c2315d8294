/**
 * The label `netns` of each namespace: as the command calls it (label-text.ts), and no two
 * alike. Names keep theirs, whatever else is called so: anybody may choose a name, or a group's.
 * Two of one owner, and one whose owner is called as a name is, get a number of theirs.
 */
import { DEFAULT_DIRECTORY, IP_DIRECTORIES } from '../../reference/directory.ts';
import type { LinkNamespace } from '../../watch/links/link-types.ts';
import { labelText, numberText } from '../../watch/links/label-text.ts';
import { keyOf } from '../../watch/links/link-namespace-key.ts';
import { linkNamespaceOf } from '../../watch/unified/link-namespace.ts';
import type { InventoryEntry } from '../../watch/unified/unified-events.ts';

export class NetnsLabels {
  readonly #directory: string;
  readonly #byEntry = new Map<InventoryEntry, string>();
  readonly #byKey = new Map<string, string>();
  readonly #taken = new Set<string>();

  /** @param directory a name in it stands alone; left out: in that of ip(8) */
  constructor(entries: readonly InventoryEntry[], directory: string = directoryIn(entries)) {
    this.#directory = directory;
    const all = entries.map((entry) => ({ entry, netns: linkNamespaceOf(entry) }));
    const named = all.filter(({ netns: { names } }) => names.length > 0);
    const unnamed = all.filter(({ netns: { names } }) => names.length === 0);
    const counts = new Map<string, number>();
    for (const { netns } of unnamed) {
      const text = labelText(netns, directory);
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    // Names first: what they are called is theirs.
    for (const { entry, netns } of [...named, ...unnamed]) {
      const text = labelText(netns, directory);
      const label = this.#make(netns, text, netns.names.length === 0 && (counts.get(text) ?? 0) > 1);
      this.#byEntry.set(entry, label);
      if (!this.#byKey.has(keyOf(netns))) this.#byKey.set(keyOf(netns), label);
    }
  }

  /** @param entry one of those that it was made of */
  ofEntry(entry: InventoryEntry): string {
    return this.#byEntry.get(entry) as string;
  }

  /** Of the namespace that a link leads to, also of one that has no entry. */
  of(netns: LinkNamespace): string {
    const key = keyOf(netns);
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const label = this.#make(netns, labelText(netns, this.#directory), false);
    this.#byKey.set(key, label);
    return label;
  }

  #make(netns: LinkNamespace, text: string, isShared: boolean): string {
    const numbered = (): string => `${text} ${numberText(netns)}`;
    let label = isShared || this.#taken.has(text) ? numbered() : text;
    for (let next = 2; this.#taken.has(label); next++) label = `${numbered()} (${next})`;
    this.#taken.add(label);
    return label;
  }
}

/** One directory has two spellings. */
function directoryIn(entries: readonly InventoryEntry[]): string {
  for (const { names } of entries)
    for (const { directory } of names) if (IP_DIRECTORIES.has(directory)) return directory;
  return DEFAULT_DIRECTORY;
}
