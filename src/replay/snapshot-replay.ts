/**
 * A snapshot in place of what was known: whoever is in it keeps his box, what is the same stays the
 * same object, and what is not in it has ended meanwhile.
 */
import type { Box } from './box.ts';
import type { Boxes } from './boxes.ts';
import type { Endings } from './endings.ts';
import { pageName } from './event-replay.ts';
import type { NamespaceRow, WireName, WireSnapshot } from './wire.ts';

/** @param isSameServer whether numbers are still the same */
export function applySnapshot(
  boxes: Boxes,
  endings: Endings,
  snapshot: WireSnapshot,
  isSameServer: boolean,
  now: number,
): void {
  boxes.directory = snapshot.directory;
  if (!isSameServer) boxes.forgetNumbers();
  const nsids = boxes.forgetNsids();
  const seen = new Set<Box>();
  const see = (box: Box): Box => {
    // A name that is another's now has left the one that it was of.
    if (!seen.has(box)) boxes.forgetNames(box);
    seen.add(box);
    return box;
  };
  for (const row of snapshot.namespaces) addRow(boxes, row, nsids, see);
  const links = new Map<Box, Set<string>>();
  for (const row of snapshot.links) {
    const known = boxes.find(row);
    const box = known === null ? see(boxes.make(row)) : boxes.learn(known, row);
    seen.add(box);
    box.linksState = row.linksState;
    if (row.owner !== null && row.owner !== undefined) box.owner = row.owner;
    const { key } = boxes.links.put(box, row);
    links.set(box, (links.get(box) ?? new Set()).add(key));
  }
  const ended = { at: now, reason: 'gone' };
  for (const box of boxes.all) {
    if (box.ended !== null) continue;
    boxes.touch(box);
    if (!seen.has(box)) {
      boxes.end(box, ended);
      endings.add(box, null, ended, now);
      continue;
    }
    const there = links.get(box);
    for (const [key, link] of box.links) {
      if (link.ended !== null || there?.has(key) === true) continue;
      boxes.links.end(box, key, ended);
      endings.add(box, key, ended, now);
    }
  }
}

function addRow(
  boxes: Boxes,
  row: NamespaceRow,
  nsids: ReadonlyMap<number, Box>,
  see: (box: Box) => Box,
): void {
  if (row.name !== null && row.ready === false) {
    const name = pageName(row as WireName, false);
    const before = boxes.named(name.path);
    if (before !== null && !before.isPlaceholder) boxes.detach(name.path);
    const box = see(before?.isPlaceholder === true ? before : boxes.placeholder(name.path));
    box.names = [{ ...name, reason: row.reason ?? null }];
    return;
  }
  let box = boxes.find(row);
  // Of one of which no more is known.
  if (box === null && row.namespace === null && row.nsid !== null) box = nsids.get(row.nsid) ?? null;
  box = see(box === null ? boxes.make(row) : boxes.learn(box, row));
  takeRow(box, row);
  if (row.name === null) return;
  const name = pageName(row as WireName, true);
  const before = boxes.named(name.path);
  if (before !== null && before !== box) boxes.detach(name.path);
  box.names.push(name);
  boxes.attach(box, name.path);
}

/** What no event tells. */
export function takeRow(box: Box, row: NamespaceRow): void {
  const { pids, owner, loOnly, processes, lingering, linksState } = row;
  if (pids !== undefined) box.pids = pids;
  if (owner !== undefined) box.owner = owner;
  if (loOnly !== undefined) box.loOnly = loOnly;
  if (processes !== undefined) box.processes = processes;
  if (lingering !== undefined) box.lingering = lingering;
  if (linksState !== undefined) box.linksState = linksState;
}
