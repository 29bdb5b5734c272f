import type { Client, estypes } from '@elastic/elasticsearch';
import type { Log } from '@tradewind/telemetry';
import { causeOf, translateWrite } from './failures.ts';
import type { ElasticLimits } from './limits.ts';

export interface IndexDefinition {
  readonly settings?: estypes.IndicesIndexSettings;
  /** Fields only; mappings are strict always. Ids are `keyword`. */
  readonly properties: Record<string, estypes.MappingProperty>;
}

interface Context {
  readonly client: Client;
  readonly limits: ElasticLimits;
  readonly log: Log;
}

/**
 * Makes sure that `alias` stands for an index with at least these fields. The first index is `<alias>-000001`, created together with its alias in
 * one call, so that no process ever sees one without the other; of two processes that race, one creates it. When the alias exists, new fields are
 * added to it (a changed type is an error: that needs a new index behind the alias).
 */
export async function ensureIndex(context: Context, alias: string, definition: IndexDefinition): Promise<void> {
  try {
    const exists = await context.client.indices.existsAlias({ name: alias }, repeatable(context.limits));
    if (exists || !(await createFirst(context, alias, definition))) await addFields(context, alias, definition);
  } catch (error) {
    throw translateWrite(error, `making the index ${alias}`);
  }
}

/** @returns false when another process was first. */
async function createFirst(
  { client, limits, log }: Context,
  alias: string,
  definition: IndexDefinition,
): Promise<boolean> {
  const index = `${alias}-000001`;
  const { settings, properties } = definition;
  const request: estypes.IndicesCreateRequest = {
    index,
    aliases: { [alias]: { is_write_index: true } },
    mappings: { dynamic: 'strict', properties },
    ...(settings === undefined ? {} : { settings }),
  };
  try {
    await client.indices.create(request, { requestTimeout: limits.indexMs });
    log.info({ alias, index }, 'index created');
    return true;
  } catch (error) {
    if (causeOf(error) === 'resource_already_exists_exception') return false;
    throw error;
  }
}

async function addFields({ client, limits }: Context, alias: string, { properties }: IndexDefinition): Promise<void> {
  const request = { index: alias, write_index_only: true, dynamic: 'strict', properties } as const;
  await client.indices.putMapping(request, repeatable(limits));
}

function repeatable(limits: ElasticLimits): { requestTimeout: number; maxRetries: number } {
  return { requestTimeout: limits.indexMs, maxRetries: limits.retriesMost };
}
