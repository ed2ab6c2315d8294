/**
 * The token that lets somebody in: in `Authorization: Bearer`, or once in the URL, after which the
 * browser has a cookie. The cookie is made from the token and does not hold it; it outlives a
 * restart, since the page does. Compared in constant time, by digests of one length.
 */
import { createHmac, createHash, timingSafeEqual } from 'node:crypto';
import { invalidArgument } from '../../errors.ts';

/** Base64, base64url, hexadecimal, UUID: what a URL and a header take as it is. */
const TOKEN = /^[A-Za-z0-9._~+/=-]{16,512}$/;

/** @returns null: none. @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`, without the token */
export function tokenOption(token: unknown): string | null {
  if (token === undefined) return null;
  if (typeof token === 'string' && TOKEN.test(token)) return token;
  throw invalidArgument(
    'token',
    'from 16 to 512 letters, digits and . _ ~ + / = -',
    typeof token === 'string' ? 'another text' : typeof token,
  );
}

export class TokenCheck {
  readonly #digest: Buffer;
  readonly #session: Buffer;
  readonly #name: string;
  /** The value of `Set-Cookie`. */
  readonly cookie: string;

  /** @param port cookies are the same for all ports of a host, so it is in the name */
  constructor(token: string, port: number | null) {
    this.#digest = digest(token);
    const session = createHmac('sha256', token).update('nlink serve: cookie').digest('base64url');
    this.#session = digest(session);
    this.#name = port === null ? 'nlink' : `nlink-${port}`;
    this.cookie = `${this.#name}=${session}; HttpOnly; SameSite=Strict; Path=/`;
  }

  isRight(token: string): boolean {
    return timingSafeEqual(digest(token), this.#digest);
  }

  isBearer(authorization: string | undefined): boolean {
    const [, token] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
    return token !== undefined && this.isRight(token);
  }

  isCookie(cookies: string | undefined): boolean {
    let isRight = false;
    for (const pair of cookies?.split(';') ?? []) {
      const at = pair.indexOf('=');
      if (at < 0 || pair.slice(0, at).trim() !== this.#name) continue;
      if (timingSafeEqual(digest(pair.slice(at + 1).trim()), this.#session)) isRight = true;
    }
    return isRight;
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
