/** Whether a client has what is there (`If-None-Match`, RFC 9110, 13.1.2). */

/** @param tag a strong one, with its quotes */
export function isNotModified(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch
    .split(',')
    .map((one) => one.trim().replace(/^W\//, ''))
    .some((one) => one === '*' || one === tag);
}
