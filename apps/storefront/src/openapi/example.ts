import { type JsonSchema, refName } from './components.ts';

type Schemas = Readonly<Record<string, JsonSchema>>;

/** What a reader would type, by the name of the member; the schema alone can't know. */
const BY_NAME: Readonly<Record<string, unknown>> = {
  email: 'ada@example.org',
  password: 'correct horse battery',
  name: 'Ada Lovelace',
  line1: '12 St James Square',
  city: 'London',
  postalCode: 'SW1Y 4JH',
  country: 'GB',
  category: 'lamps',
  description: 'Brass, with a green shade.',
  currency: 'EUR',
  amount: 1999,
  quantity: 2,
};

/** A body that the schema takes, with its needed members only. */
export function exampleOf(schema: JsonSchema, schemas: Schemas, name = ''): unknown {
  const named = refName(schema);
  if (named !== undefined) return exampleOf(schemas[named] ?? {}, schemas, name);
  if (schema.properties) {
    const needed = Object.entries(schema.properties).filter(([member]) => schema.required?.includes(member));
    return Object.fromEntries(needed.map(([member, each]) => [member, exampleOf(each, schemas, member)]));
  }
  if (schema.items) return [exampleOf(schema.items, schemas, name)];
  return (
    schema.const ?? schema['example'] ?? BY_NAME[name] ?? schema.enum?.[0] ?? (schema.type === 'integer' ? 1 : '…')
  );
}
