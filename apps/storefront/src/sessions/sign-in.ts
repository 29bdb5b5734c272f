import type { z } from 'zod';
import type { sessionBody } from '@tradewind/contracts';
import { Refusal } from '@tradewind/errors';
import type { AccessTokens } from '../auth/access-tokens.ts';
import type { Passwords } from '../users/passwords.ts';
import type { UserStore } from '../users/user.store.ts';
import type { FailedLogins } from './failed-logins.ts';

/** Exchanges an address and its password for an access token. An unknown address and a wrong password look the same, and take as long. */
export class SignIn {
  readonly #store: UserStore;
  readonly #passwords: Passwords;
  readonly #tokens: AccessTokens;
  readonly #failures: FailedLogins;

  constructor(store: UserStore, passwords: Passwords, tokens: AccessTokens, failures: FailedLogins) {
    this.#store = store;
    this.#passwords = passwords;
    this.#tokens = tokens;
    this.#failures = failures;
  }

  /** @throws Refusal `credentials-wrong`, `too-many-attempts`, `overloaded`, `unavailable` */
  async open({ email, password }: z.output<typeof sessionBody>): Promise<Awaited<ReturnType<AccessTokens['issue']>>> {
    await this.#failures.mustBeOpen(email);
    const user = await this.#store.byEmail(email);
    if (!(await this.#passwords.matches(password, user?.passwordHash)) || user === undefined) {
      await this.#failures.note(email);
      throw new Refusal('credentials-wrong');
    }
    await this.#failures.mustBeOpen(email);
    return this.#tokens.issue(user);
  }
}
