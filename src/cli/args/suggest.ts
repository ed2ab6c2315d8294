/** Which word was probably meant by a mistyped one. */

/**
 * The candidate that `typed` begins, or misses by two edits at most (Levenshtein); null if there is
 * none.
 */
export function suggest(typed: string, candidates: readonly string[]): string | null {
  if (typed.length < 3) return null;
  const part = candidates.find((candidate) => candidate.startsWith(typed));
  if (part !== undefined) return part;
  const lower = typed.toLowerCase();
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(lower, candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= 2 ? best.candidate : null;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
