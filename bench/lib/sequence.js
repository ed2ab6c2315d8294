/**
 * Compares what a watcher told of c/churn.c with what churn did: the pairs in order, in each the
 * creation and then the deletion. The input is lines in the words of `ip netns monitor`, in
 * whatever letters, or "rename NAME" where the watcher does not say which it was.
 */

/**
 * @returns how many of the events were seen, missed, told more than once, told after a later one
 */
export function compare(text, pairs) {
  const counts = new Uint8Array(2 * pairs);
  const result = { events: 2 * pairs, seen: 0, missed: 0, doubled: 0, disordered: 0, losses: 0 };
  let latest = -1;
  for (const [, word, number] of text.matchAll(/^(\w+) (?:ns-(\d+))?/gm)) {
    if (number === undefined) {
      result.losses++;
      continue;
    }
    const creation = 2 * Number(number);
    const isDeletion = word.toLowerCase() === 'delete';
    const event = isDeletion || (word === 'rename' && counts[creation] > 0) ? creation + 1 : creation;
    result.seen++;
    if (counts[event]++ > 0) result.doubled++;
    if (event < latest) result.disordered++;
    latest = Math.max(latest, event);
  }
  result.missed = counts.reduce((sum, count) => sum + (count === 0 ? 1 : 0), 0);
  return result;
}
