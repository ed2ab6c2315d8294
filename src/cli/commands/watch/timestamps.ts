/** The time of a line, as `--time` asks for it. */
import type { TimeStyle } from '../../spec/watch.ts';

/** Width of the column of differences: a day in seconds, with milliseconds. */
const DELTA_WIDTH = '86400.000'.length;

export class Timestamps {
  readonly #style: TimeStyle;
  #last: number | null = null;

  constructor(style: TimeStyle) {
    this.#style = style;
  }

  /** For a line of text; null: it has none. */
  text(time: Date): string | null {
    switch (this.#style) {
      case 'none':
        return null;
      case 'iso':
        return time.toISOString();
      case 'unix':
        return (time.getTime() / 1000).toFixed(3);
      case 'delta':
        return this.#sinceLast(time).toFixed(3).padStart(DELTA_WIDTH);
      default:
        return clockTime(time);
    }
  }

  /** For JSON; undefined: left out. */
  value(time: Date): string | number | undefined {
    switch (this.#style) {
      case 'none':
        return undefined;
      case 'unix':
        return time.getTime() / 1000;
      case 'delta':
        return this.#sinceLast(time);
      default:
        return time.toISOString();
    }
  }

  /** Seconds; 0 for the first. */
  #sinceLast(time: Date): number {
    const now = time.getTime();
    const since = now - (this.#last ?? now);
    this.#last = now;
    return since / 1000;
  }
}

function clockTime(time: Date): string {
  const parts = [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => digits(part, 2));
  return `${parts.join(':')}.${digits(time.getMilliseconds(), 3)}`;
}

const digits = (number: number, width: number): string => String(number).padStart(width, '0');
