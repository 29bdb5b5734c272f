import { Refusal } from '@tradewind/errors';
import type { Passwords } from './passwords.ts';
import type { SignUp } from './sign-up.ts';
import type { UserStore } from './user.store.ts';

/**
 * Sees to it that the staff account exists with the configured password: it is opened at the first start, and given the password anew
 * when that has changed. Of several processes that start at once one opens it.
 */
export async function ensureStaffAccount(
  account: { readonly email: string; readonly password: string },
  { store, passwords, signUp }: { store: UserStore; passwords: Passwords; signUp: SignUp },
): Promise<'opened' | 'changed' | 'kept'> {
  const found = await store.byEmail(account.email);
  if (found === undefined) {
    try {
      await signUp.open({ ...account, name: 'Tradewind staff' }, 'staff');
      return 'opened';
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'email-taken') throw error;
      return 'kept';
    }
  }
  if (found.role === 'staff' && (await passwords.matches(account.password, found.passwordHash))) return 'kept';
  await store.makeStaff(account.email, await passwords.hash(account.password));
  return 'changed';
}
