/**
 * What every answer has, also those that Node gives by itself. Nothing is kept in caches, guessed,
 * framed or read by pages of other origins; a page of this server loads from here alone (Content
 * Security Policy, Level 3; Fetch, "Cross-Origin-Resource-Policy").
 */
export const ANSWER_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** An answer to what is no request, for which Node has no response. */
export function rawAnswer(status: number, reason: string, more: Record<string, string> = {}): string {
  const headers = { ...ANSWER_HEADERS, ...more, connection: 'close', 'content-length': '0' };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${reason}\r\n${lines.join('')}\r\n`;
}
