/** Fields of messages from elsewhere, each checked as it is read. */
import { malformed } from './payload.ts';

type Fields = Readonly<Record<string, unknown>>;

const EPOCH = /^[0-9a-f]{16}$/;

/** @throws FleetError `ERR_FLEET_MALFORMED`, as all here */
export function text(fields: Fields, name: string, most: number): string {
  const value = fields[name];
  if (typeof value === 'string' && value.length <= most) return value;
  throw malformed(`${name}: a text of at most ${most}`);
}

export function count(fields: Fields, name: string): number {
  const value = fields[name];
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw malformed(`${name}: a whole number`);
}

export const countOrNull = (fields: Fields, name: string): number | null =>
  fields[name] === null || fields[name] === undefined ? null : count(fields, name);

export function epochOf(fields: Fields): string {
  const value = fields['epoch'];
  if (typeof value === 'string' && EPOCH.test(value)) return value;
  throw malformed('epoch: 16 hexadecimal digits');
}

export function object(fields: Fields, name: string): Fields {
  const value = fields[name];
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw malformed(`${name}: an object`);
}

export function array(fields: Fields, name: string, most: number): readonly unknown[] {
  const value = fields[name];
  if (Array.isArray(value) && value.length <= most) return value;
  throw malformed(`${name}: an array of at most ${most}`);
}
