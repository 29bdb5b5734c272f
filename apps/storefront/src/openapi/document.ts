import { type ProblemCode, PROBLEMS } from '@tradewind/errors';
import { z } from 'zod';
import { pathNames } from '../requests/asked.ts';
import { IF_MATCH_PATTERN } from '../requests/etag.ts';
import { KEY_MOST, KEY_PATTERN } from '../requests/idempotency-key.ts';
import { problemsOf, ROUTES, type RouteSpec } from '../routes.ts';
import { Components, type JsonSchema } from './components.ts';
import { DESCRIPTION, GROUPS } from './prose.ts';

/** The parts of OpenAPI 3.1 that we write; enough for the page that renders them. */
export interface OpenApi {
  readonly openapi: '3.1.1';
  readonly info: Readonly<Record<string, unknown>>;
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>>; readonly [kind: string]: unknown };
  readonly [field: string]: unknown;
}

export interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, Response>>;
  readonly 'x-who': string;
  readonly 'x-problems': readonly ProblemCode[];
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

type Content = Readonly<Record<string, { readonly schema: JsonSchema }>>;

interface Response {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { readonly description: string; readonly schema: JsonSchema }>>;
  readonly content?: Content;
}

/** The OpenAPI document of the table of routes. Pure: the same table gives the same text. */
export function openApiDocument(routes: Readonly<Record<string, RouteSpec>> = ROUTES): OpenApi {
  const components = new Components();
  components.add('Problem', problemSchema());
  const paths: Record<string, Record<string, Operation>> = {};
  for (const [name, route] of Object.entries(routes)) {
    const path = documentPath(route.path);
    (paths[path] ??= {})[route.method.toLowerCase()] = operation(name, route, components);
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Tradewind',
      version: '1',
      summary: 'The public REST of an order backend',
      description: DESCRIPTION,
    },
    servers: [{ url: '/' }],
    tags: Object.entries(GROUPS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: components.all(),
      securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}

/** `/v1/orders/:id` as OpenAPI writes it. */
export function documentPath(path: string): string {
  return path.replace(/:(\w+)/g, '{$1}');
}

function operation(name: string, route: RouteSpec, components: Components): Operation {
  return {
    operationId: name,
    tags: [route.group],
    summary: route.summary,
    ...(route.about !== undefined && { description: route.about }),
    'x-who': route.who,
    'x-problems': problemsOf(route),
    security: route.who === 'anyone' ? [] : [{ token: [] }],
    parameters: [...pathParameters(route), ...headerParameters(route), ...queryParameters(route, components)],
    ...(route.body && {
      requestBody: {
        required: !route.body.safeParse({}).success,
        content: { 'application/json': { schema: components.of(route.body, 'input') } },
      },
    }),
    responses: { ...successes(route, components), ...failures(route) },
  };
}

function pathParameters(route: RouteSpec): Parameter[] {
  return pathNames(route.path).map((name) => ({
    name,
    in: 'path',
    required: true,
    schema: { $ref: '#/components/schemas/Id' },
  }));
}

function headerParameters(route: RouteSpec): Parameter[] {
  const key: Parameter = {
    name: 'Idempotency-Key',
    in: 'header',
    required: route.idempotencyKey === 'needed',
    description:
      'Any text that names this one wish of yours, bare or in quotes. Repeat a request with the same key and it takes effect once.',
    schema: { type: 'string', minLength: 1, maxLength: KEY_MOST, pattern: KEY_PATTERN },
  };
  const match: Parameter = {
    name: 'If-Match',
    in: 'header',
    required: false,
    description: 'The ETag that you have seen; refused with 412 when the resource has changed since.',
    schema: { type: 'string', pattern: IF_MATCH_PATTERN, examples: ['"3"'] },
  };
  return [...(route.idempotencyKey ? [key] : []), ...(route.ifMatch ? [match] : [])];
}

function queryParameters(route: RouteSpec, components: Components): Parameter[] {
  if (!route.query) return [];
  // What a member means is said by its parsed form (a number, with bounds), whether it may be left out by what is taken.
  const parsed = components.of(route.query, 'output');
  const taken = components.of(route.query, 'input');
  return Object.entries(parsed.properties ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: taken.required?.includes(name) ?? false,
    schema,
  }));
}

function successes(route: RouteSpec, components: Components): Record<string, Response> {
  const schema = components.of(route.answer, 'output');
  const headers: Response['headers'] = {
    ...(route.status === 201 && { Location: header('Where it is', { type: 'string', format: 'uri-reference' }) }),
    ...(route.etag && { ETag: header('Its version, strong', { type: 'string', examples: ['"3"'] }) }),
  };
  const response = (description: string): Response => ({
    description,
    ...(Object.keys(headers).length > 0 && { headers }),
    content: { 'application/json': { schema } },
  });
  const others = Object.entries(route.otherStatus ?? {}).map(([status, text]) => [status, response(text)] as const);
  return { [route.status]: response(route.status === 201 ? 'Done' : 'Here it is'), ...Object.fromEntries(others) };
}

function header(description: string, schema: JsonSchema) {
  return { description, schema };
}

function failures(route: RouteSpec): Record<string, Response> {
  const byStatus = Map.groupBy(problemsOf(route), (code) => PROBLEMS[code].status);
  const entries = [...byStatus].map(([status, codes]): [string, Response] => [
    String(status),
    {
      description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}`).join('; '),
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    },
  ]);
  return Object.fromEntries(entries);
}

function problemSchema(): JsonSchema {
  const problem = z.object({
    type: z.string().describe('https://tradewind.example/problems/ and the code'),
    title: z.string(),
    status: z.int().min(400).max(599),
    code: z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]),
    instance: z.string().optional().describe('the path of the request'),
    detail: z.string().optional(),
    errors: z
      .array(z.object({ field: z.string(), message: z.string() }))
      .optional()
      .describe('each field that is wrong'),
    retryAfter: z.int().optional().describe('seconds, also in the Retry-After header'),
    traceId: z.string().optional().describe('names this request in our logs'),
  });
  const { $schema: _, ...schema } = z.toJSONSchema(problem, { io: 'input' }) as JsonSchema;
  return { ...schema, description: 'RFC 9457; more members are possible' };
}
