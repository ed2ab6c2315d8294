/** Whether this machine shows all its processes, as it does not in a container: then a stale file may be somebody's name, and is left alone. */
import { procfsAt } from '../../src/netns/procfs.ts';

export const seesMachine: boolean = procfsAt('/proc').initial === true;
