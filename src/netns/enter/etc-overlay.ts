/**
 * The files in /etc/netns/NAME over those in /etc (ip-netns(8)), by bind mounts; and of one that
 * cannot be laid there, what to do.
 */
import { dirname, resolve } from 'node:path';
import { cPath, decodeName, joinPath } from '../../reference/names.ts';
import { errno, errnoName } from '../../sys/errno.ts';
import { MS_BIND } from '../../sys/flags.ts';
import { readRefusal } from '../../sys/permission.ts';
import { shellWord } from '../../sys/shell-word.ts';
import { emptyStatus, isDirectory } from '../../sys/stat.ts';
import type { System } from '../../sys/system.ts';

const OVERLAYS = '/etc/netns';
/** As many links as the kernel follows (path_resolution(7)). */
const LINKS = 40;

/** What could not be laid where a program is to find it. */
export interface OverlayFault {
  from: string;
  onto: string;
  /** Of mount(2), or of reading the directory. */
  code: string;
  remedy: string;
}

/** @returns those that could not be laid there */
export function layOver(system: System, name: string): OverlayFault[] {
  const directory = joinPath(OVERLAYS, name);
  const entries = system.readDirectory(cPath(directory));
  if (typeof entries === 'number') {
    if (entries === -errno.ENOENT || entries === -errno.ENOTDIR) return [];
    return [
      overlayFault(directory, '/etc', -entries, readRefusal(directory) ?? 'let this user read the directory'),
    ];
  }
  const faults: OverlayFault[] = [];
  for (const entry of entries.map(decodeName).sort()) {
    const from = joinPath(directory, entry);
    const onto = `/etc/${entry}`;
    const result = system.mount(cPath(from), cPath(onto), MS_BIND);
    if (result < 0) faults.push(overlayFault(from, onto, -result, remedy(system, from, onto)));
  }
  return faults;
}

export function overlayFault(from: string, onto: string, number: number, text: string): OverlayFault {
  return { from, onto, code: errnoName(number), remedy: text };
}

/** mount(2) gives the same error for both paths. */
function remedy(system: System, from: string, onto: string): string {
  const status = emptyStatus();
  if (system.stat(cPath(from), true, status) < 0) return `${from} leads nowhere; remove it`;
  const kind = isDirectory(status) ? 'directory' : 'file';
  if (system.stat(cPath(onto), true, status) < 0) return howToMake(system, onto, kind);
  if (isDirectory(status) !== (kind === 'directory'))
    return 'one of them is a directory and the other is not; make them alike';
  return `see mount(2)`;
}

/** A link that leads nowhere is there: what it leads to has to be made. */
function howToMake(system: System, onto: string, kind: 'file' | 'directory'): string {
  const link = linkOf(system, onto);
  if (link === null) return `make an empty ${kind} ${onto} first`;
  const end = endOf(system, onto);
  if (end === null) return `${onto} is a link to ${link}, which leads nowhere; make it an empty ${kind}`;
  const command = kind === 'file' ? 'install -D -m 644 /dev/null' : 'mkdir -p';
  return `${onto} is a link to ${link}, which is not there; make an empty ${kind}: ${command} ${shellWord(end)}`;
}

/** Where a chain of links ends, as a path; null: it is a circle. */
function endOf(system: System, path: string): string | null {
  let end = path;
  for (let links = 0; links <= LINKS; links++) {
    const link = linkOf(system, end);
    if (link === null) return end;
    end = resolve(dirname(end), link);
  }
  return null;
}

function linkOf(system: System, path: string): string | null {
  const link = system.readLink(cPath(path));
  return typeof link === 'number' ? null : decodeName(link);
}
