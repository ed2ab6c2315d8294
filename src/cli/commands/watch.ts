/** `nlink watch`: names of namespaces, or their ids. */
import type { Run } from '../command.ts';
import { follow } from '../follow.ts';
import { IdTelling } from '../id-telling.ts';
import { NameTelling } from '../name-telling.ts';
import { idSettings, nameSettings } from '../settings.ts';

export const watch: Run = async (given, io) => {
  if (given.options.has('ids')) await follow(new IdTelling(idSettings(given), io), io);
  else await follow(new NameTelling(nameSettings(given), io), io);
  return 0;
};
