import { isDeepStrictEqual } from 'node:util';
import { invariant } from '@tradewind/errors';
import { z } from 'zod';

/** A JSON Schema (draft 2020-12), as far as we look into it. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly $ref?: string;
  readonly description?: string;
  readonly [keyword: string]: unknown;
}

const HERE = '#/components/schemas/';

/** The named schemas of a document: each is written once, under its `meta.id`, and referred to from everywhere else. */
export class Components {
  readonly #schemas = new Map<string, JsonSchema>();

  add(name: string, schema: JsonSchema): void {
    const known = this.#schemas.get(name);
    invariant(known === undefined || isDeepStrictEqual(known, schema), `two different schemas are called ${name}`);
    this.#schemas.set(name, schema);
  }

  /** @returns the JSON Schema of `schema`; what has a name inside it is added to the components. */
  of(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    const {
      $schema: _,
      $defs = {},
      ...rest
    } = z.toJSONSchema(schema, { io, override: tidy }) as JsonSchema & {
      $defs?: Record<string, JsonSchema>;
    };
    for (const [name, definition] of Object.entries($defs)) this.add(name, pointHere(definition));
    return pointHere(rest);
  }

  /** In the order of their names, so that a new route does not move old ones about. */
  all(): Record<string, JsonSchema> {
    return Object.fromEntries([...this.#schemas].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

/** Leaves out what tells a reader nothing: the regular expression behind a format, and the bounds that every safe integer has. */
function tidy({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
}

function pointHere<T>(schema: T): T {
  return JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/$defs/', `"$ref":"${HERE}`)) as T;
}

/** The name that a reference leads to; undefined when the schema is no reference. */
export function refName(schema: JsonSchema): string | undefined {
  return schema.$ref?.slice(HERE.length);
}
