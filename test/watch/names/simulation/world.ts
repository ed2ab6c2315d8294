/**
 * A simulated host for a watcher: a kernel with a directory of names, other processes that act on
 * it step by step, and what really was at each name at each moment.
 */
import { strict as assert } from 'node:assert';
import { joinPath } from '../../../../src/reference/names.ts';
import type { Operation } from '../../../support/operations.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { CLONE_NEWNET, CLONE_NEWUTS, SimulatedKernel } from './kernel.ts';
import type { Steps } from './kernel.ts';
import { SimulatedSystem } from './system.ts';
import type { SimulationSettings } from './system.ts';
import type { Node } from './tree.ts';

/** What only a simulated host does, beside {@link Operation}. */
export type SimulatedOperation =
  | Operation
  /** From another mount namespace, where nothing is mounted on the names. */
  | { do: 'createElsewhere' | 'unlinkElsewhere'; name: string }
  /**
   * `hold`: a process makes the directory its working directory. `blockDirectory`: a file takes its
   * place.
   */
  | { do: 'removeDirectoryElsewhere' | 'hold' | 'release' | 'blockDirectory' }
  | { do: 'startProcess' | 'endProcess'; pid: string }
  /** Milliseconds go by. */
  | { do: 'wait'; for: number };

/** What is there, so far as a watcher should know. */
export interface Truth {
  /** The directory's inode; null while there is none. */
  directory: Node | null;
  names: Map<string, NameTruth>;
}

export interface NameTruth {
  file: Node;
  /** The network namespace that it leads to. */
  namespace: Node | null;
}

export class World {
  readonly clock: FakeClock = new FakeClock();
  readonly kernel: SimulatedKernel;
  readonly system: SimulatedSystem;
  /** Names that a mount was moved to, or may have been. */
  readonly movedTo: Set<string> = new Set();
  /** Called after each step. */
  onStep: () => void = () => {};
  readonly #directory: string;
  readonly #followSymlinks: boolean;
  readonly #script: SimulatedOperation[] = [];
  #running: Steps | null = null;

  constructor(directory: string, followSymlinks: boolean, settings: SimulationSettings) {
    this.#directory = directory;
    this.#followSymlinks = followSymlinks;
    this.kernel = new SimulatedKernel(this.clock);
    this.system = new SimulatedSystem(this.kernel, settings);
    this.system.finish = () => this.#finish();
    const { kernel } = this;
    const { own } = kernel;
    run(...['/proc', '/run', '/var'].map((path) => kernel.mkdir(own, path)));
    kernel.mountTmpfs('/run', true);
    run(
      kernel.symlink(own, '/var/run', '../run'),
      kernel.mkdir(own, '/run/deep'),
      // Directories that can come in the place of the one of names, and names in them.
      kernel.mkdir(own, this.#beside('spare')),
      kernel.create(own, this.#beside('spare/a')),
      kernel.mkdir(own, this.#beside('linked')),
      kernel.create(own, this.#beside('linked/b')),
    );
    kernel.mountNamespace(this.#beside('linked/b'), CLONE_NEWNET);
    kernel.startProcess('self');
    kernel.startProcess('7');
  }

  /** Other processes will do this, one operation after the other. */
  schedule(operations: readonly SimulatedOperation[]): void {
    this.#script.push(...operations);
  }

  /** Whether others have done all that they are to do. */
  get idle(): boolean {
    return this.#running === null && this.#script.length === 0;
  }

  /** Others get to do so many steps. */
  act(steps: number): void {
    for (let step = 0; step < steps; step++) {
      if (this.#running === null) {
        const operation = this.#script.shift();
        if (operation === undefined) return;
        this.#running = this.#start(operation);
      }
      if (this.#running.next().done === true) this.#running = null;
      this.onStep();
    }
  }

  /** Whether somebody has changed something, and it is not told yet. */
  get midway(): boolean {
    return this.#running !== null;
  }

  /** What is there now. */
  get truth(): Truth {
    const { own } = this.kernel;
    const place = own.resolve(this.#directory, true);
    const names: Truth['names'] = new Map();
    if (typeof place === 'number' || place.node.kind !== 'directory') return { directory: null, names };
    for (const [name, file] of place.node.entries) {
      const top = own.top({ mount: place.mount, node: file }).node;
      if (top.kind === 'directory') continue;
      const path = joinPath(this.#directory, name);
      const led = top.kind === 'link' && this.#followSymlinks ? own.resolve(path, true) : { node: top };
      const isNamespace = typeof led !== 'number' && led.node.namespace?.type === CLONE_NEWNET;
      names.set(name, { file, namespace: isNamespace ? led.node : null });
    }
    return { directory: place.node, names };
  }

  /** Fails if the watcher has left something open. */
  checkFreed(): void {
    assert.deepEqual([...this.system.descriptors], [], 'descriptors left open');
    assert.equal(this.system.handles.size, 0, 'polls left');
    assert.equal(this.clock.timers, 0, 'timers left');
  }

  #finish(): void {
    while (this.#running !== null) this.act(1);
  }

  /** A path in the directory above. */
  #beside(entry: string): string {
    return `${this.#directory.slice(0, this.#directory.lastIndexOf('/'))}/${entry}`;
  }

  #start(operation: SimulatedOperation): Steps {
    const { kernel } = this;
    const { own, foreign } = kernel;
    const directory = this.#directory;
    const path = 'name' in operation ? joinPath(directory, operation.name) : directory;
    switch (operation.do) {
      case 'create':
        return kernel.create(own, path);
      case 'createElsewhere':
        return kernel.create(foreign, path);
      case 'write':
        return kernel.create(own, path, 1);
      case 'mount':
        return this.#instant(() => kernel.mountNamespace(path, CLONE_NEWNET));
      case 'mountOther':
        return this.#instant(() => kernel.mountNamespace(path, CLONE_NEWUTS));
      case 'alias':
        return this.#instant(() => kernel.bind(joinPath(directory, operation.of), path));
      case 'makeMount':
        return this.#instant(() => kernel.makeMount());
      case 'attachMount':
        return this.#instant(() => kernel.attachMade(path));
      case 'moveMount':
        this.movedTo.add(operation.to);
        return this.#instant(() => kernel.moveMount(path, joinPath(directory, operation.to)));
      case 'unmount':
        return kernel.unmount(path);
      case 'unlink':
        return kernel.unlink(own, path);
      case 'unlinkElsewhere':
        return kernel.unlink(foreign, path);
      case 'link':
        return kernel.symlink(own, path, operation.to);
      case 'rename':
        return kernel.rename(own, path, joinPath(directory, operation.to));
      case 'makeSubdirectory':
      case 'makeDirectory':
        return kernel.mkdir(own, path);
      case 'removeSubdirectory':
      case 'removeDirectory':
        return kernel.rmdir(own, path);
      case 'removeDirectoryElsewhere':
        return kernel.rmdir(foreign, path);
      case 'moveAway':
        return kernel.rename(own, directory, this.#beside('away'));
      case 'moveBack':
        return kernel.rename(own, this.#beside('away'), directory);
      case 'moveIn':
        return kernel.rename(own, this.#beside('spare'), directory);
      case 'linkDirectory':
        return kernel.symlink(own, directory, 'linked');
      case 'loopDirectory':
        return kernel.symlink(own, directory, directory);
      case 'unlinkDirectory':
        return kernel.unlink(own, directory);
      case 'blockDirectory':
        return kernel.create(own, directory);
      case 'cover':
        return this.#instant(() => kernel.mountTmpfs(directory));
      case 'coverParent':
        return this.#instant(() => kernel.mountTmpfs(this.#beside('')));
      case 'uncover':
        return kernel.unmount(directory);
      case 'uncoverParent':
        return kernel.unmount(this.#beside(''));
      case 'bindOnItself':
        return this.#instant(() => kernel.bind(directory, directory));
      case 'moveMountAway':
        return this.#instant(() => kernel.moveMount(directory, this.#beside('spare')));
      case 'moveMountBack':
        return this.#instant(() => kernel.moveMount(this.#beside('spare'), directory));
      case 'hold':
        return this.#instant(() => kernel.hold(directory));
      case 'release':
        return this.#instant(() => kernel.release());
      case 'startProcess':
        return this.#instant(() => kernel.startProcess(operation.pid));
      case 'endProcess':
        return this.#instant(() => kernel.endProcess(operation.pid));
      default:
        return this.#instant(() => this.clock.pass(operation.for));
    }
  }

  *#instant(action: () => unknown): Steps {
    action();
    yield;
    return 0;
  }
}

function run(...all: Steps[]): void {
  for (const steps of all) while (steps.next().done !== true);
}
