/** Files that may be missing, or not readable for this user. */
import { readFileSync } from 'node:fs';

/** Empty where it cannot be read. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
