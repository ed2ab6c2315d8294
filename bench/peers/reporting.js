/**
 * How a watcher in JavaScript speaks with the harness: "ready" once it watches, its report on
 * SIGTERM, and it ends when its standard input does, since then the harness is gone.
 */
import { writeSync } from 'node:fs';

/** To be called when the watcher watches; `report` gives what to print when the harness asks. */
export function ready(report) {
  process.once('SIGTERM', () => {
    writeAll(report());
    process.exit(0);
  });
  process.stdin.on('end', () => process.exit(1)).resume();
  writeAll('ready\n');
}

function writeAll(text) {
  for (let bytes = Buffer.from(text); bytes.length > 0;) {
    try {
      bytes = bytes.subarray(writeSync(1, bytes));
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}
