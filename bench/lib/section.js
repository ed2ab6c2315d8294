/**
 * What a figure comes to, as plain data: tables of text, what was absent or failed, targets,
 * charts, and what was measured, by round. The text on the terminal (text.js) and
 * docs/benchmarks.md (report.js) are both made from it, so that they cannot differ.
 */
import { median, shown } from './numbers.js';

/** How far a peer must be in front, in the median of the rounds, to be ahead: less is noise. */
const NOISE = 0.05;

/** @param parts `tables`, `notes`, `absent` (names), `failures`, `targets`, `charts`, `measured` */
export function section(title, parts) {
  return {
    title,
    notes: [],
    tables: [],
    absent: [],
    failures: [],
    targets: [],
    charts: [],
    measured: null,
    ...parts,
  };
}

export const notMeasured = (title, why) => section(title, { notes: [`not measured: ${why}`] });

/** Rows of text below a header: the first column to the left, the others to the right. */
export const table = (caption, header, rows) => ({
  caption,
  header,
  rows: rows.map((row) => row.map(String)),
});

/** @param met null: not measured. A figure that misses its target fails nothing */
export const target = (what, met) => ({ what, met });

/** Which peers could not be measured, and why. */
export const missing = (peers) => ({
  absent: peers.filter((peer) => !peer.there).map((peer) => peer.name),
  failures: peers.filter((peer) => peer.failure !== undefined).map((peer) => `${peer.name}: ${peer.failure}`),
});

/** Those that were measured to the end. */
export const measuredOf = (peers) => peers.filter((peer) => peer.there && peer.failure === undefined);

/**
 * What is measured: nlink itself, what shows the limit of what is possible (C, or Node with nothing
 * else), or a peer.
 */
export function kindOf(name) {
  if (/^(nlink|decodeNsidEvents)\b/.test(name)) return 'nlink';
  return /^(c(-\w+)?|bare Node|koffi)(,|$)/.test(name) ? 'limit' : 'peer';
}

/**
 * The target that no peer is ahead of nlink in something of which less is better.
 * @param nlink,peers with `name` and `rounds`, numbers by round; limits (C, bare Node) are not
 *   peers
 */
export function noneAhead(what, nlink, peers) {
  const measured = peers.filter((peer) => peer.rounds.length > 0);
  if (nlink === undefined || nlink.rounds.length === 0 || measured.length === 0)
    return target(`${what}: no peer ahead`, null);
  const [closest] = measured
    .map(({ name, rounds }) => ({
      name,
      ratio: median(
        rounds.map((value, round) => value / nlink.rounds[round]).filter((value) => !Number.isNaN(value)),
      ),
    }))
    .sort((one, other) => one.ratio - other.ratio);
  return target(
    `${what}: no peer ahead (${closest.name} ${shown(closest.ratio, 2)} x nlink)`,
    closest.ratio >= 1 - NOISE,
  );
}

/**
 * How many times what the other took a peer took, round by round; none if one of them was not
 * measured.
 * @param key of the numbers by round
 */
export const roundRatios = (it, other, key) =>
  it === undefined || other === undefined
    ? []
    : it[key].map((value, round) => value / other[key][round]).filter((ratio) => !Number.isNaN(ratio));

/**
 * The target that something is at most `limit` times something else, in the median of the rounds.
 * @param ratios by round; none where it was not measured
 * @param it `of`: what it is compared with; `optional`: not stated where it was not measured
 */
export function atMost(what, ratios, { limit, of, optional = false }) {
  const measured = ratios.length > 0;
  if (!measured && optional) return [];
  const found = measured ? ` (${shown(median(ratios), 2)})` : '';
  return [target(`${what}: at most ${limit} x ${of}${found}`, measured ? median(ratios) <= limit : null)];
}

/**
 * A chart of bars: what chart.js draws.
 * @param groups `{ label, bars: [{ name, value }] }`; a bar without a number is left out
 */
export const chart = (file, title, unit, groups) => ({ file, title, unit, groups });
