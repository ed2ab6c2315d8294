/**
 * What a consumer knows: the snapshot and the events in order. Each event must be possible after those before it; for one
 * name, `created` and `deleted` strictly alternate.
 */
import { strict as assert } from 'node:assert';
import type { NamespaceEntry } from '../../../src/netns/entry.ts';
import type { NamespaceId } from '../../../src/netns/identity.ts';
import { joinPath } from '../../../src/netns/names.ts';
import type { NamespaceEvent } from '../../../src/watch/events.ts';

interface Known {
  ready: boolean;
  /** The namespace it has, or the last one it had. */
  namespace: NamespaceId | null;
}

export class Replay {
  readonly names: Map<string, Known> = new Map();
  readonly #directory: string;
  /** Whether the directory is there, as far as it was told. */
  #present: boolean;

  constructor(directory: string, namespaces: NamespaceEntry[], present: boolean) {
    this.#directory = directory;
    this.#present = present;
    for (const { name, path, ready, namespace } of namespaces) {
      assert.equal(this.names.has(name), false, `listed twice: ${name}`);
      assert.equal(path, joinPath(directory, name));
      this.names.set(name, { ready, namespace });
    }
  }

  apply(event: NamespaceEvent): void {
    if (event.type === 'resynced') {
      assert.equal(event.reason, 'overflow');
    } else if (!('name' in event)) {
      assert.equal(event.path, this.#directory);
      assert.equal(this.#present, event.type === 'directoryDeleted', `${event.type} twice`);
      assert.equal(this.names.size, 0, `${event.type} before the names`);
      this.#present = !this.#present;
    } else {
      assert.equal(event.path, joinPath(this.#directory, event.name));
      this.#applyToName(event);
    }
  }

  /** For each name its namespace, or null where it has none. */
  get state(): Map<string, NamespaceId | null> {
    return new Map([...this.names].map(([name, { ready, namespace }]) => [name, ready ? namespace : null]));
  }

  #applyToName(event: Extract<NamespaceEvent, { name: string }>): void {
    const { type, name } = event;
    const known = this.names.get(name);
    const told = `${type} of a name that is ${known === undefined ? 'absent' : known.ready ? 'ready' : 'not ready'}`;
    if (type === 'created') {
      assert.equal(known, undefined, told);
      assert.equal(event.namespace !== null, event.ready);
      this.names.set(name, { ready: event.ready, namespace: event.namespace });
      return;
    }
    assert.ok(known !== undefined, told);
    if (type === 'deleted') {
      assert.deepEqual(event.namespace, known.namespace, 'deleted with another namespace than it had');
      this.names.delete(name);
    } else if (type === 'mounted') {
      assert.equal(known.ready, false, told);
      this.names.set(name, { ready: true, namespace: event.namespace });
    } else {
      assert.equal(known.ready, true, told);
      known.ready = false;
    }
  }
}

/** The state of a listing or of `namespaces()`, as {@link Replay.state}. */
export function stateOf(entries: NamespaceEntry[]): Map<string, NamespaceId | null> {
  return new Map(entries.map(({ name, namespace }) => [name, namespace]));
}
