/**
 * Lines for a program: one JSON object each, its fields always in the same order. `docs/command.md` describes them. 64-bit
 * numbers are strings in decimal, since JSON readers make floating point numbers of numbers.
 */
import type { NamespaceId } from '../netns/identity.ts';
import { encodeName } from '../reference/names.ts';
import { safeJson } from './escape.ts';
import type { Told } from './human.ts';

/** One line, without its newline. */
export function jsonLine(told: Told, time: Date): string {
  const head = { type: told.type, time: time.toISOString() };
  switch (told.type) {
    case 'present':
    case 'created':
      return told.ready
        ? safeJson({ ...head, ...named(told), ready: true, namespace: identity(told.namespace) })
        : safeJson({ ...head, ...named(told), ready: false, reason: told.reason, namespace: null });
    case 'mounted':
    case 'deleted':
      return safeJson({ ...head, ...named(told), namespace: identity(told.namespace) });
    case 'unmounted':
      return safeJson({ ...head, ...named(told) });
    case 'directoryCreated':
    case 'directoryDeleted':
      return safeJson({ ...head, path: told.path });
    default:
      return safeJson({ ...head, reason: told.reason });
  }
}

/** A byte that is not UTF-8 stands in a name as a lone surrogate, which few JSON readers keep: then the bytes as well. */
const NOT_UTF8 = /[\uDC80-\uDCFF]/u;

/** A name as the fields of an object. */
export function named({ name, path }: { name: string; path: string }): {
  name: string;
  rawName?: string;
  path: string;
} {
  if (!NOT_UTF8.test(name)) return { name, path };
  return { name, rawName: encodeName(name).toString('hex'), path };
}

function identity(namespace: NamespaceId | null): Record<keyof NamespaceId, string | null> | null {
  if (namespace === null) return null;
  const { id, dev, ino, since } = namespace;
  return { id: id === null ? null : String(id), dev: String(dev), ino: String(ino), since: String(since) };
}
