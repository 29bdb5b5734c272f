import { Controller, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { type Asked, AskedOf } from '../requests/asked.ts';
import { Route } from '../requests/route.ts';
import { SignUp } from './sign-up.ts';

@Controller()
export class UsersController {
  readonly #signUp: SignUp;

  constructor(@Inject(SignUp) signUp: SignUp) {
    this.#signUp = signUp;
  }

  @Route('signUp')
  async signUp(@AskedOf('signUp') { body }: Asked<'signUp'>, @Res({ passthrough: true }) reply: FastifyReply) {
    const created = await this.#signUp.open(body, 'shopper');
    reply.header('location', `/v1/users/${created.userId}`);
    return created;
  }
}
