/**
 * What the client is told of TLS, and what to do where that fails. The client
 * (`@nats-io/transport-node` 3.4.0) does not heed `tls://`, and does not tell Node which server it
 * is where it is called by an address: then its certificate is compared with `localhost`.
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { checkServerIdentity, createSecureContext } from 'node:tls';
import type { PeerCertificate } from 'node:tls';
import type { NodeConnectionOptions } from '@nats-io/transport-node';
import { FleetError } from '../errors.ts';
import type { NatsSettings } from './nats-options.ts';

/** Whom Node takes a server for that it has no name of. */
const NAMELESS = 'localhost';
const LOOPBACK = /^(?:127\.|::1$)/;
const HOST = /^(?:[a-z]+:\/\/)?(?:\[([^\]]+)\]|([^:/]+))/;

type Identified = NonNullable<NodeConnectionOptions['tls']> & {
  checkServerIdentity: typeof checkServerIdentity;
};

/** Nothing: without TLS where the server does not ask for it. */
export function tlsOptions({ servers, tls }: NatsSettings): { tls?: Identified } {
  if (tls === null) return {};
  const { ca, cert, key } = tls;
  const hosts = hostsOf(servers);
  const identified: Identified = {
    ...(ca !== null && { caFile: ca }),
    ...(cert !== null && { certFile: cert }),
    ...(key !== null && { keyFile: key }),
    checkServerIdentity: (host, certificate) =>
      host === NAMELESS ? oneOf(hosts, certificate) : checkServerIdentity(host, certificate),
  };
  return { tls: identified };
}

/** Who a server may be that has no name here. `localhost` is nobody but this machine. */
function hostsOf(servers: readonly string[]): string[] {
  const hosts = servers.map((server) => {
    const [, inBrackets, plain] = HOST.exec(server) ?? [];
    return inBrackets ?? plain ?? '';
  });
  return hosts.some((host) => LOOPBACK.test(host)) ? [...hosts, NAMELESS] : hosts;
}

/** @returns what is wrong with the first of them; undefined: it is the certificate of one */
function oneOf(hosts: readonly string[], certificate: PeerCertificate): Error | undefined {
  const errors = hosts.map((host) => checkServerIdentity(host, certificate));
  return errors.includes(undefined) ? undefined : errors[0];
}

/**
 * The client would tell of a file only as of a server that was not reached, and try again.
 * @throws FleetError `ERR_FLEET_PERMISSION`
 */
export function checkTlsFiles({ tls }: NatsSettings): void {
  if (tls === null) return;
  const { ca, cert, key } = tls;
  if (ca !== null) usable([ca], ([authority]) => new X509Certificate(authority as Buffer));
  if (cert !== null && key !== null)
    usable([cert, key], ([own, secret]) =>
      createSecureContext({ cert: own as Buffer, key: secret as Buffer }),
    );
}

function usable(paths: readonly string[], use: (contents: Buffer[]) => unknown): void {
  try {
    use(paths.map((path) => readFileSync(path)));
  } catch (cause) {
    const [what, why] = [paths.join(' and '), (cause as Error).message];
    throw new FleetError('ERR_FLEET_PERMISSION', `cannot use ${what} for TLS: ${why}`, { cause });
  }
}

const UNTRUSTED = '; give the certificate of the authority that vouches for it: --tls-ca (tls.ca)';
const UNTIMELY = '; the server needs another certificate, or this machine the right time';
const OWN = 'a certificate that it trusts: --tls-cert and --tls-key (tls.cert, tls.key)';
const ADVICE: Readonly<Record<string, string>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  CERT_SIGNATURE_FAILURE: UNTRUSTED,
  CERT_HAS_EXPIRED: UNTIMELY,
  CERT_NOT_YET_VALID: UNTIMELY,
  ERR_TLS_CERT_ALTNAME_INVALID: '; call the server by tls:// and a name or address of its certificate',
};

/** What to do; an empty text: it is nothing of TLS. */
export function tlsAdvice({ tls }: NatsSettings, error: unknown): string {
  const { code, name, message } = error as Error & { code?: unknown };
  if (message.includes("does not support 'tls'")) return '; it needs a tls block, or its clients nats://';
  // By TLS 1.3 a server refuses a client after that has taken it for connected, and the client
  // (3.4.0) does not tell it: it waits until its time is over.
  if (tls !== null && name === 'TimeoutError') return `; if the server verifies its clients, it wants ${OWN}`;
  if (/^ERR_SSL_.*_ALERT_/.test(String(code))) return `; the server may want ${OWN}`;
  return ADVICE[String(code)] ?? '';
}
