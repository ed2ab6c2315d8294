/** How tests of faults write which namespace it is. */
export const identityText = (identity: { ino: string } | null | undefined): string => identity?.ino ?? '-';
