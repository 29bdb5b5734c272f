import { deposit, getWallet } from '@tradewind/contracts';
import { Controller, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { type Downstream, PAYMENT } from '../downstream.ts';
import { type Asked, AskedOf } from '../requests/asked.ts';
import { Route } from '../requests/route.ts';

@Controller()
export class WalletController {
  readonly #payment: Downstream;

  constructor(@Inject(PAYMENT) payment: Downstream) {
    this.#payment = payment;
  }

  @Route('getWallet')
  async show(@AskedOf('getWallet') { caller, query }: Asked<'getWallet'>) {
    return this.#payment.read(getWallet, { userId: caller.userId, currency: query.currency });
  }

  @Route('deposit')
  async deposit(@AskedOf('deposit') asked: Asked<'deposit'>, @Res({ passthrough: true }) reply: FastifyReply) {
    const { caller, body, idempotency } = asked;
    const made = await this.#payment.change(deposit, { userId: caller.userId, amount: body.amount, idempotency });
    reply.header('location', `/v1/wallet/deposits/${made.depositId}`);
    return made;
  }
}
