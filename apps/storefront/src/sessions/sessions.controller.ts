import { Controller, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { type Asked, AskedOf } from '../requests/asked.ts';
import { Route } from '../requests/route.ts';
import { SignIn } from './sign-in.ts';

@Controller()
export class SessionsController {
  readonly #signIn: SignIn;

  constructor(@Inject(SignIn) signIn: SignIn) {
    this.#signIn = signIn;
  }

  @Route('signIn')
  async signIn(@AskedOf('signIn') { body }: Asked<'signIn'>, @Res({ passthrough: true }) reply: FastifyReply) {
    const { tokenId, ...session } = await this.#signIn.open(body);
    // RFC 6749, section 5.1: an answer that holds a token must not be kept by any cache.
    reply.header('location', `/v1/sessions/${tokenId}`).header('cache-control', 'no-store');
    return session;
  }
}
