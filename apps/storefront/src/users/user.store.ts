import { Refusal } from '@tradewind/errors';
import { duplicateKey, requireSlots, type Shards } from '@tradewind/mysql';
import { emailSlot } from '@tradewind/sharding';
import { UserRow } from './user.row.ts';

/** Every SQL statement on accounts. E-mail addresses come in lower case. */
export class UserStore {
  readonly #shards: Shards;

  constructor(shards: Shards) {
    this.#shards = shards;
  }

  async byEmail(email: string): Promise<UserRow | undefined> {
    const slot = emailSlot(email);
    const { shard } = this.#shards.at(slot);
    return (await shard.entities((manager) => manager.findOneBy(UserRow, { slot, email }))) ?? undefined;
  }

  /** @throws Refusal `email-taken` when the primary key says so, whoever was first */
  async insert(user: Readonly<Omit<UserRow, 'slot'>>): Promise<void> {
    const slot = emailSlot(user.email);
    const { shard, epoch } = this.#shards.at(slot);
    try {
      await shard.transaction(async (tx) => {
        await requireSlots(tx, [slot], epoch);
        await tx.run(
          'INSERT INTO app_user (slot, email, user_id, name, role, password_hash, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
          [slot, user.email, user.userId, user.name, user.role, user.passwordHash, user.createdAt],
        );
      });
    } catch (error) {
      if (duplicateKey(error) === 'PRIMARY') throw new Refusal('email-taken');
      throw error;
    }
  }

  /** Makes an account staff, with this password. */
  async makeStaff(email: string, passwordHash: string): Promise<void> {
    const slot = emailSlot(email);
    const { shard, epoch } = this.#shards.at(slot);
    await shard.transaction(async (tx) => {
      await requireSlots(tx, [slot], epoch);
      await tx.run("UPDATE app_user SET role = 'staff', password_hash = ? WHERE slot = ? AND email = ?", [
        passwordHash,
        slot,
        email,
      ]);
    });
  }
}
