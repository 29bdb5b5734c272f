import { z } from 'zod';

/** What every service reads from its environment. Ports and secrets have no default: a guess would be worse than an error. */
export const serviceEnv = {
  HTTP_HOST: z.string().default('127.0.0.1'),
  HTTP_PORT: z.coerce.number().int().min(0).max(65_535),
  INTERNAL_TOKEN: z.string().min(16),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  STATE_DIR: z.string().min(1).default('.tradewind/state'),
};

/** A comma-separated list with at least one entry. */
export const listEnv = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((each) => each.trim())
      .filter((each) => each !== ''),
  )
  .pipe(z.array(z.string()).min(1));

/** A variable that is written in a form of its own. @param parse what it throws is shown beside the variable's name: without secrets, please */
export function envOf<T>(parse: (text: string) => T) {
  return z.string().transform((text, context): T => {
    try {
      return parse(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  });
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Reads the configuration once, from the environment alone.
 * @throws ConfigError that names every variable that is missing or wrong, all at once; values are not printed, some are secrets
 */
export function readConfig<T extends z.ZodRawShape>(
  shape: T,
  env: NodeJS.ProcessEnv = process.env,
): Readonly<z.output<z.ZodObject<T>>> {
  const known = Object.fromEntries(
    Object.keys(shape).flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
  );
  const parsed = z.object(shape).safeParse(known);
  if (parsed.success) return Object.freeze(parsed.data);
  const lines = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new ConfigError(`the environment is not complete:\n${lines.join('\n')}`);
}
