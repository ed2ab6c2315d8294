/**
 * What a program with a watcher does (test/watch/fixtures): prints what it is told, one object a
 * line: `open` with what is there, the events, `end` or `error`. Ends with its input. Its argument:
 * the options, as JSON. The other side: watching.ts.
 */
import type { EventStream } from '../../src/watch/stream/event-stream.ts';

const say = (line: object): void =>
  console.log(
    JSON.stringify(line, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
  );

/** @param open opens the watcher; what stands beside it is printed first */
export async function printEvents<E extends object>(
  open: (options: object) => Promise<{ watcher: EventStream<E> } & object>,
): Promise<void> {
  try {
    const { watcher, ...there } = await open(JSON.parse(process.argv[2] ?? '{}') as object);
    say({ type: 'open', ...there });
    process.stdin.on('end', () => void watcher.stop()).resume();
    for await (const event of watcher) say(event);
    say({ type: 'end' });
  } catch (error) {
    const { code, syscall, path, message } = error as NodeJS.ErrnoException;
    say({ type: 'error', code, syscall, path, message });
    process.stdin.destroy();
  }
}
