/**
 * Lines as `ip netns monitor` prints them (ip-netns(8), `on_netns_event` in iproute2's
 * `ip/ipnetns.c`): `add NAME`, `delete NAME`. The only difference: what would do something to a
 * terminal, a newline included, is escaped (escape.ts).
 */
import { escaped } from '../../../format/escape.ts';
import type { OutputEvent } from '../../../format/output-event.ts';

/** The line with its newline, or nothing where ip has none. */
export function ipLine(event: OutputEvent): string {
  switch (event.type) {
    case 'present':
    case 'created':
      return event.name === null ? '' : `add ${escaped(event.name)}\n`;
    case 'deleted':
      return `delete ${escaped(event.name)}\n`;
    default:
      return '';
  }
}
