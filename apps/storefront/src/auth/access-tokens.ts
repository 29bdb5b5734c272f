import { randomUUID } from 'node:crypto';
import { id, role } from '@tradewind/contracts';
import { Refusal } from '@tradewind/errors';
import type { Clock } from '@tradewind/time';
import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { Caller } from './caller.ts';

export const TOKEN_SECONDS = 3600;
const ISSUER = 'https://tradewind.example';
const AUDIENCE = 'tradewind-storefront';
/** RFC 9068, section 2.1: so that no other kind of token that the same secret may sign one day passes for an access token. */
const TYPE = 'at+jwt';
const ALGORITHM = 'HS256';
/** Our tokens have about 300 characters; longer ones are not looked at. */
const TOKEN_MOST = 1000;
/**
 * Tokens whose signature is not computed again on each request of their hour. A check costs about 90 us of CPU, a look here 0.3 us
 * (measured, one core of a shared machine). The oldest is forgotten first.
 */
const REMEMBERED_MOST = 10_000;

const claims = z.object({ sub: id, role, exp: z.int(), jti: z.string() });

/**
 * Makes and checks access tokens: JWT, HMAC-SHA-256. The algorithm is pinned, so a token that names another one (`none` too) is refused,
 * and so is one of another issuer or audience.
 */
export class AccessTokens {
  readonly #secret: Uint8Array;
  readonly #clock: Clock;
  readonly #remembered = new Map<string, { caller: Caller; expiresAt: number }>();

  /** @param secret at least 32 bytes, as many as the digest has (RFC 7518, section 3.2) */
  constructor(secret: string, clock: Clock) {
    this.#secret = new TextEncoder().encode(secret);
    this.#clock = clock;
  }

  async issue({ userId, role }: Caller): Promise<{ accessToken: string; expiresIn: number; tokenId: string }> {
    const now = Math.floor(this.#clock.now() / 1000);
    const tokenId = randomUUID();
    const accessToken = await new SignJWT({ role })
      .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(userId)
      .setJti(tokenId)
      .setIssuedAt(now)
      .setExpirationTime(now + TOKEN_SECONDS)
      .sign(this.#secret);
    return { accessToken, expiresIn: TOKEN_SECONDS, tokenId };
  }

  /** @throws Refusal `unauthenticated` for everything but a token of ours that is in force; it never says which part was wrong */
  async check(token: string): Promise<Caller> {
    const known = this.#remembered.get(token);
    if (known !== undefined && known.expiresAt > this.#clock.now()) return known.caller;
    this.#remembered.delete(token);
    const { sub, role, exp } = await this.#verify(token);
    const caller = { userId: sub, role };
    this.#remember(token, caller, exp * 1000);
    return caller;
  }

  async #verify(token: string): Promise<z.output<typeof claims>> {
    if (token.length > TOKEN_MOST) throw new Refusal('unauthenticated');
    try {
      const { payload } = await jwtVerify(token, this.#secret, {
        algorithms: [ALGORITHM],
        typ: TYPE,
        issuer: ISSUER,
        audience: AUDIENCE,
        requiredClaims: ['sub', 'exp', 'jti'],
        currentDate: new Date(this.#clock.now()),
      });
      return claims.parse(payload);
    } catch {
      throw new Refusal('unauthenticated');
    }
  }

  #remember(token: string, caller: Caller, expiresAt: number): void {
    if (this.#remembered.size >= REMEMBERED_MOST) {
      for (const oldest of this.#remembered.keys()) {
        this.#remembered.delete(oldest);
        break;
      }
    }
    this.#remembered.set(token, { caller, expiresAt });
  }
}
