import { z } from 'zod';
import { id } from './id.ts';
import { line } from './text.ts';

export const email = z
  .string()
  .trim()
  .max(254)
  .pipe(z.email())
  .transform((text) => text.toLowerCase());

/** 8 to 200 characters: NIST SP 800-63B asks for a length and against composition rules; the cap bounds the hash's cost. */
export const password = z.string().min(8).max(200);

export const signUpBody = z.strictObject({ email, password, name: line(100) }).meta({ id: 'SignUp' });
export const userCreated = z.strictObject({ userId: id }).meta({ id: 'UserCreated' });

export const sessionBody = z.strictObject({ email, password: z.string().min(1).max(200) }).meta({ id: 'SignIn' });
export const sessionCreated = z
  .strictObject({ accessToken: z.string(), expiresIn: z.int().describe('seconds') })
  .meta({ id: 'Session' });

export const role = z.enum(['shopper', 'staff']);
export type Role = z.infer<typeof role>;
