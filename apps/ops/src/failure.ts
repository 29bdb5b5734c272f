import { Refusal } from '@tradewind/errors';

/** A command that can't do its work, for a reason that one sentence tells; printed without a stack, exit code 1. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
}

/** A command line that can't be understood; exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What a person needs of any error, in one line. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Node's AggregateError, which a refused connection to both families of an address gives, has an empty message.
  const inner = error instanceof AggregateError ? error.errors.map(sentenceOf).join('; ') : '';
  const said = error.message || inner || (error as NodeJS.ErrnoException).code || error.name;
  // Our own refusals are worded for shoppers; which shard it was stands beside the words.
  const shard = error instanceof Refusal ? error.details['shard'] : undefined;
  const where = typeof shard === 'string' ? `${shard}: ` : '';
  const why = error.cause === undefined ? '' : sentenceOf(error.cause);
  const cause = why === '' || said.includes(why) ? '' : ` (${why})`;
  return `${where}${said}${cause}`.replace(/\s+/g, ' ');
}
