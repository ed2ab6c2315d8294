/**
 * All that this package takes from nlink. No other file here imports from outside of the package,
 * but for the page, so that the build can put `nlink/internal` for the path.
 */
export * from '../../../src/internal.ts';
