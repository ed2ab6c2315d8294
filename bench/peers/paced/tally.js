/**
 * What a watcher was told and when, kept with as little work as can be, since that work counts as
 * the watcher's.
 */
import { ready } from '../reporting.js';

const words = [];
const names = [];
const stamps = [];

/** To be called first thing with each event. @param what mounted (it can be entered), created, deleted */
export function told(what, name) {
  stamps.push(process.hrtime.bigint());
  words.push(what);
  names.push(name);
}

/** To be called when the watcher watches. */
export const watching = () =>
  ready(() => words.map((what, at) => `${what} ${names[at]} ${stamps[at]}\n`).join(''));
