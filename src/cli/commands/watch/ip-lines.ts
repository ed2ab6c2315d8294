/**
 * Lines as `ip netns monitor` prints them (ip-netns(8), `on_netns_event` in iproute2's
 * `ip/ipnetns.c`): `add NAME`, `delete NAME`. The only difference: what would do something to a
 * terminal, a newline included, is escaped (escape.ts).
 */
import { escaped } from '../../output/escape.ts';
import type { Told } from './output-event.ts';

/** The line with its newline, or nothing where ip has none. */
export function ipLine(told: Told): string {
  switch (told.type) {
    case 'present':
    case 'created':
      return told.name === null ? '' : `add ${escaped(told.name)}\n`;
    case 'deleted':
      return `delete ${escaped(told.name)}\n`;
    default:
      return '';
  }
}
