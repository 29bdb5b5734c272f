import { parseShardUrls } from '@tradewind/mysql';
import { z } from 'zod';
import { CommandFailure } from './failure.ts';

const shardUrls = z.string().transform((text, context) => {
  try {
    return parseShardUrls(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
});

const list = z
  .string()
  .transform((text) => text.split(',').flatMap((each) => each.trim() || []))
  .pipe(z.array(z.string()).min(1));

/** Everything that a command may need to know. None has a default: an operator's tool must not guess at a server. */
const VARIABLES = {
  ORDER_SHARDS: shardUrls,
  INVENTORY_SHARDS: shardUrls,
  PAYMENT_SHARDS: shardUrls,
  STOREFRONT_SHARDS: shardUrls,
  ETCD_ENDPOINTS: list,
  KAFKA_BROKERS: list,
  ELASTICSEARCH_URL: z.string().min(1),
} as const;

export type Variable = keyof typeof VARIABLES;
export type Config<V extends Variable> = { readonly [K in V]: z.output<(typeof VARIABLES)[K]> };

/**
 * Reads the variables that a command asks for.
 * @throws CommandFailure that names all which are missing or wrong, without their values: they hold passwords
 */
export function readConfig<V extends Variable>(
  names: readonly V[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): Config<V> {
  const shape = Object.fromEntries(names.map((name) => [name, VARIABLES[name]]));
  const parsed = z.object(shape).safeParse(Object.fromEntries(names.map((name) => [name, env[name]])));
  if (parsed.success) return Object.freeze(parsed.data) as Config<V>;
  const problems = parsed.error.issues.map((issue) => {
    const name = issue.path.join('.');
    return env[name] === undefined ? `${name} is not set` : `${name}: ${issue.message}`;
  });
  throw new CommandFailure(`the environment is not complete: ${[...new Set(problems)].join('; ')}`);
}
