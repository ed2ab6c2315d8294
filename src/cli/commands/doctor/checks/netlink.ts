/**
 * Whether the kernel answers queries for nsids and reports them over netlink (rtnetlink(7));
 * without that only names are watched.
 */
import { degraded, ok, remedyOf, saidOf } from '../check.ts';
import type { Check } from '../check.ts';
import type { NetlinkFacts } from '../../../host/probe/probe.ts';

const NAMES_ALONE = 'names are watched without nsids; whether a namespace outlives its name is unknown';

export function checkNetlink({ query, events, byNumber, listed, buffer, deaths }: NetlinkFacts): Check[] {
  if (query !== null) {
    const otherwise = 'let the sandbox or seccomp filter allow AF_NETLINK (systemd: RestrictAddressFamilies)';
    return [degraded('netlink', `${saidOf(query)}: ${NAMES_ALONE}`, remedyOf(query, otherwise))];
  }
  const checks = [ok('netlink', 'the kernel answers questions about nsids')];
  checks.push(
    events === null
      ? ok('nsid events', 'the kernel reports nsid events')
      : degraded(
          'nsid events',
          `${saidOf(events)}: ${NAMES_ALONE}`,
          remedyOf(events, 'requires Linux 4.1 or later'),
        ),
  );
  if (byNumber === false)
    checks.push(
      degraded(
        'nsids by number',
        'the kernel cannot be asked whether an nsid is assigned: removals are not verified',
        'requires Linux 5.0 or later',
      ),
    );
  if (byNumber === true)
    checks.push(ok('nsids by number', 'the kernel can be asked whether an nsid is assigned'));
  if (listed !== null) checks.push(checkListed(listed));
  if (buffer !== null) checks.push(checkBuffer(buffer));
  checks.push(checkDeaths(deaths));
  return checks;
}

function checkDeaths(deaths: NetlinkFacts['deaths']): Check {
  if (deaths === null) return ok('deaths', 'the end of every namespace with a name is reported');
  return degraded(
    'deaths',
    `neither the end of a namespace without an nsid is reported, nor whether it outlives its name: ${saidOf(deaths)}`,
    remedyOf(
      deaths,
      'grant CAP_SYS_ADMIN and CAP_NET_ADMIN, or allow user namespaces; or assign nsids (--assign-nsids)',
    ),
  );
}

function checkListed({ count, complete }: NonNullable<NetlinkFacts['listed']>): Check {
  if (complete) return ok('list of nsids', `${count} ${count === 1 ? 'nsid is' : 'nsids are'} assigned here`);
  return degraded(
    'list of nsids',
    `the kernel truncates its list (Linux 6.10 and later): ${count} nsids are known; there may be more, which are reported when they end`,
    'use fewer nsids; those of names are always known',
  );
}

function checkBuffer({ wanted, granted, forced }: NonNullable<NetlinkFacts['buffer']>): Check {
  const name = 'receive buffer';
  if (granted >= wanted)
    return ok(name, `${granted} bytes${forced ? ', whatever net.core.rmem_max says (CAP_NET_ADMIN)' : ''}`);
  return degraded(
    name,
    `${granted} of ${wanted} bytes: a burst of events overflows it earlier; nlink recovers by reading again`,
    `raise the sysctl net.core.rmem_max to ${wanted}, or grant CAP_NET_ADMIN`,
  );
}
