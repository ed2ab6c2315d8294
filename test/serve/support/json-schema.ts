/** As much of JSON Schema 2020-12 as openapi.json uses. Any other word in a schema fails. */
import { strict as assert } from 'node:assert';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Schema = { [word: string]: Json };

export class Schemas {
  readonly #document: Schema;

  constructor(document: Schema) {
    this.#document = document;
  }

  /** What a `$ref` leads to, or the thing itself. */
  at(schema: Schema): Schema {
    const { $ref } = schema;
    if (typeof $ref !== 'string') return schema;
    const path = $ref.replace(/^#\//, '').split('/');
    let found: Json = this.#document;
    for (const word of path) found = (found as Schema)[word] ?? assert.fail($ref);
    return found as Schema;
  }

  /** The faults of a value. */
  faults(value: unknown, given: Schema, where = ''): string[] {
    const schema = this.at(given);
    return Object.entries(schema).flatMap(([word, wanted]) =>
      this.#check(value, word, wanted, schema, where),
    );
  }

  #check(value: unknown, word: string, wanted: Json, schema: Schema, where: string): string[] {
    const fault = (isRight: boolean): string[] =>
      isRight ? [] : [`${where}: ${word} ${JSON.stringify(wanted)}, not ${JSON.stringify(value)}`];
    switch (word) {
      case 'description':
        return [];
      case 'type':
        return fault(([wanted].flat() as string[]).some((type) => isOf(value, type)));
      case 'const':
        return fault(value === wanted);
      case 'enum':
        return fault((wanted as Json[]).includes(value as Json));
      case 'pattern':
        return fault(typeof value !== 'string' || new RegExp(wanted as string, 'u').test(value));
      case 'format':
        assert.equal(wanted, 'date-time');
        return fault(typeof value !== 'string' || !Number.isNaN(Date.parse(value)));
      case 'minimum':
        return fault(typeof value !== 'number' || value >= Number(wanted));
      case 'required':
        return isObject(value) ? (wanted as string[]).flatMap((key) => fault(key in value)) : [];
      case 'items':
        if (!Array.isArray(value)) return [];
        return value.flatMap((one, at) => this.faults(one, wanted as Schema, `${where}[${at}]`));
      case 'properties':
        if (!isObject(value)) return [];
        return Object.entries(wanted as Record<string, Schema>).flatMap(([key, one]) =>
          key in value ? this.faults(value[key], one, `${where}.${key}`) : [],
        );
      case 'additionalProperties': {
        assert.equal(wanted, false);
        const known = Object.keys(schema['properties'] as Schema);
        return fault(!isObject(value) || Object.keys(value).every((key) => known.includes(key)));
      }
      case 'allOf':
        return (wanted as Schema[]).flatMap((one) => this.faults(value, one, where));
      case 'oneOf':
        return fault((wanted as Schema[]).filter((one) => this.faults(value, one).length === 0).length === 1);
      default:
        throw new Error(`${where}: ${word} is not known`);
    }
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function isOf(value: unknown, type: string): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    case 'integer':
      return Number.isSafeInteger(value);
    default:
      return typeof value === type;
  }
}
