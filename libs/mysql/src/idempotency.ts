import { Refusal } from '@tradewind/errors';
import type { Tx } from './shard.ts';

/** Names one effect of one user: the slot that it lies in, the client's key and what was asked for. */
export interface EffectKey {
  readonly slot: number;
  readonly userId: string;
  readonly key: string;
  /** SHA-256 of the request, 64 hex digits. */
  readonly fingerprint: string;
}

interface AnswerRow {
  readonly fingerprint: Buffer;
  readonly subject_id: string;
  readonly answer: string;
}

type Reads = Pick<Tx, 'rows'>;

/**
 * @returns the answer that was given to this key, parsed; undefined when there was none
 * @throws Refusal `idempotency-key-reused` when the key belongs to another request
 */
export async function earlierAnswer<T>(
  tx: Reads,
  effect: EffectKey,
): Promise<{ subjectId: string; answer: T } | undefined> {
  const [row] = await tx.rows<AnswerRow>(
    'SELECT fingerprint, subject_id, answer FROM idempotency WHERE slot = ? AND user_id = ? AND idem_key = ?',
    [effect.slot, effect.userId, Buffer.from(effect.key)],
  );
  if (row === undefined) return undefined;
  if (row.fingerprint.toString('hex') !== effect.fingerprint) throw new Refusal('idempotency-key-reused');
  return { subjectId: row.subject_id, answer: JSON.parse(row.answer) as T };
}

/**
 * Writes the answer in the transaction of its effect.
 * @throws the driver's duplicate-key error when another request with this key has committed first
 */
export async function rememberAnswer(
  tx: Tx,
  effect: EffectKey,
  subjectId: string,
  answer: unknown,
  at: Date,
): Promise<void> {
  await tx.run(
    'INSERT INTO idempotency (slot, user_id, idem_key, fingerprint, subject_id, answer, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    [
      effect.slot,
      effect.userId,
      Buffer.from(effect.key),
      Buffer.from(effect.fingerprint, 'hex'),
      subjectId,
      JSON.stringify(answer),
      at,
    ],
  );
}
