/**
 * All that this package takes from nlink: its public entry and `nlink/internal`. No other file here
 * imports from outside of the package, so that the build can put the package's name for the path.
 */
export * from '../../../src/index.ts';
export * from '../../../src/internal.ts';
