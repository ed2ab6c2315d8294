/**
 * What runs each command, loaded when it is run: the only file that imports from commands/. What
 * commands declare of themselves is in spec/, which help, completion and parsing read without it.
 */
import type { Run } from './args/given.ts';

export const COMMAND_LOADERS: Readonly<Record<string, () => Promise<Run>>> = {
  add: async () => (await import('./commands/add.ts')).add,
  attach: async () => (await import('./commands/attach.ts')).attach,
  completion: async () => (await import('./commands/completion/completion.ts')).completion,
  delete: async () => (await import('./commands/delete/delete.ts')).delete_,
  doctor: async () => (await import('./commands/doctor/doctor.ts')).doctor,
  exec: async () => (await import('./commands/exec/exec.ts')).exec,
  explain: async () => (await import('./commands/explain/explain.ts')).explain,
  fleet: async () => (await import('./commands/fleet.ts')).fleet,
  id: async () => (await import('./commands/id.ts')).id,
  identify: async () => (await import('./commands/identify.ts')).identify,
  ids: async () => (await import('./commands/ids/ids.ts')).ids,
  links: async () => (await import('./commands/links/links.ts')).links,
  list: async () => (await import('./commands/list/list.ts')).list,
  pids: async () => (await import('./commands/pids.ts')).pids,
  serve: async () => (await import('./commands/serve.ts')).serve,
  set: async () => (await import('./commands/set.ts')).set,
  wait: async () => (await import('./commands/wait/wait.ts')).wait,
  watch: async () => (await import('./commands/watch/watch.ts')).watch,
};
