/** `nlink id`: which id a namespace has in this one. */
import type { Run } from '../command.ts';
import { print } from '../output.ts';
import { askAbout, nsidOf } from '../target.ts';

export const id: Run = async (given, io) => print(await askAbout(given, io, nsidOf), io);
