/**
 * How much a watcher told; with "print" on the command line, each event in the words of `ip netns
 * monitor`.
 */
const print = process.argv.includes('print');
const lines = [];
let events = 0;
let losses = 0;

export function told(word, name) {
  if (name === '') losses++;
  else events++;
  if (print) lines.push(`${word} ${name}\n`);
}

export const report = () => (print ? lines.join('') : `events ${events}\noverflows ${losses}\n`);
