import { type JsonSchema, refName } from './components.ts';
import { html, type Html, inline } from './html.ts';

type Schemas = Readonly<Record<string, JsonSchema>>;

/** Names whose schema is one scalar: shown by their own type rather than as a link to a table with one line. */
const isScalar = (schema: JsonSchema | undefined): boolean => schema !== undefined && schema.properties === undefined;

/** An object's members as a table: name, type, what is allowed. Anything else as its type. */
export function schemaView(schema: JsonSchema, schemas: Schemas): Html {
  const named = refName(schema);
  const target = named === undefined ? schema : (schemas[named] ?? schema);
  if (target.properties === undefined) return html`<p>${typeView(schema, schemas)}</p>`;
  const rows = Object.entries(target.properties).map(([name, member]) => {
    const isNeeded = target.required?.includes(name) ?? false;
    return html`<tr>
      <th scope="row"><code>${name}</code>${!isNeeded && html` <small>optional</small>`}</th>
      <td>${typeView(member, schemas)}</td>
      <td>${limitsView(member, schemas)}</td>
    </tr>`;
  });
  if (rows.length === 0) return html`<p>An empty object, or no body at all.</p>`;
  return html`<table class="members">
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

/** A type in words, named ones as links to their own table. */
export function typeView(schema: JsonSchema, schemas: Schemas): Html {
  const named = refName(schema);
  if (named !== undefined) {
    const target = schemas[named];
    return isScalar(target)
      ? html`<span class="type" title="${named}">${named}</span>`
      : html`<a href="#schema-${named}">${named}</a>`;
  }
  if (schema.items) return html`list of ${typeView(schema.items, schemas)}`;
  if (schema.properties) {
    const members = Object.entries(schema.properties).map(([name, member], index) => {
      const mark = schema.required?.includes(name) ? '' : '?';
      return html`${index > 0 && ', '}<code>${name}${mark}</code> ${typeView(member, schemas)}`;
    });
    return html`{ ${members} }`;
  }
  if (schema.const !== undefined) return html`<code>${JSON.stringify(schema.const)}</code>`;
  const type = typeof schema.type === 'string' ? schema.type : (schema.type ?? ['any']).join(' or ');
  return html`<span class="type">${schema.format === undefined ? type : `${type}, ${String(schema.format)}`}</span>`;
}

/** What is allowed beyond the type, in words. */
export function limitsView(schema: JsonSchema, schemas: Schemas): Html {
  const named = refName(schema);
  const target = named === undefined ? undefined : schemas[named];
  const own = { ...(isScalar(target) ? target : {}), ...schema };
  const { minimum, maximum, minLength, maxLength, minItems, maxItems } = own as Record<string, number | undefined>;
  const words = [
    range(minimum, maximum, ''),
    range(minLength, maxLength, ' characters'),
    range(minItems, maxItems, ' entries'),
    own.pattern !== undefined && own.description === undefined && html`<code>${String(own.pattern)}</code>`,
    own.enum && enumView(own.enum),
    own['default'] !== undefined && html`default <code>${JSON.stringify(own['default'])}</code>`,
    own.description !== undefined && inline(own.description),
  ].filter((each) => each !== undefined && each !== false);
  return html`${words.map((each, index) => html`${index > 0 && '; '}${each}`)}`;
}

function enumView(values: readonly unknown[]): Html {
  const shown = values.slice(0, 12).map((each) => html`<code>${String(each)}</code> `);
  return html`${shown}${values.length > 12 && `and ${values.length - 12} more`}`;
}

function range(least: number | undefined, most: number | undefined, unit: string): string | undefined {
  const number = (value: number): string => value.toLocaleString('en-GB');
  if (least !== undefined && most !== undefined) return `${number(least)} to ${number(most)}${unit}`;
  if (least !== undefined) return `at least ${number(least)}${unit}`;
  return most === undefined ? undefined : `at most ${number(most)}${unit}`;
}
