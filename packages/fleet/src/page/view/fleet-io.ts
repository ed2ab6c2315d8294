/** What the page knows the server by. */
import type { StreamIo } from '../../../../../src/page/model/page-stream.ts';
import { serverIo } from '../../../../../src/page/view/server-io.ts';
import type { Found } from '../model/fleet-types.ts';
import type { SearchIo } from '../model/host-search.ts';

export type FleetIo = StreamIo & SearchIo;

export const fleetIo: FleetIo = {
  ...serverIo,
  async find(query) {
    const answer = await fetch(`/v1/search?q=${encodeURIComponent(query)}`, { cache: 'no-store' });
    return answer.ok ? ((await answer.json()) as Found) : null;
  },
};
