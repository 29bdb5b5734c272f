import type { Role } from '@tradewind/contracts';
import type { SnowflakeIds } from '@tradewind/ids';
import { emailSlot } from '@tradewind/sharding';
import type { Clock } from '@tradewind/time';
import type { Passwords } from './passwords.ts';
import type { UserStore } from './user.store.ts';

export interface NewUser {
  readonly email: string;
  readonly password: string;
  readonly name: string;
}

/** Opens accounts. The id is minted in the slot of the address, so that it alone names the shard that the account lies in. */
export class SignUp {
  readonly #store: UserStore;
  readonly #passwords: Passwords;
  readonly #ids: SnowflakeIds;
  readonly #clock: Clock;

  constructor(store: UserStore, passwords: Passwords, ids: SnowflakeIds, clock: Clock) {
    this.#store = store;
    this.#passwords = passwords;
    this.#ids = ids;
    this.#clock = clock;
  }

  /** @throws Refusal `email-taken`, `overloaded`, `unavailable` */
  async open({ email, password, name }: NewUser, role: Role): Promise<{ userId: string }> {
    const passwordHash = await this.#passwords.hash(password);
    const userId = await this.#ids.mint(emailSlot(email));
    await this.#store.insert({ email, userId, name, role, passwordHash, createdAt: new Date(this.#clock.now()) });
    return { userId };
  }
}
