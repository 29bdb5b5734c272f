import { changeProduct, createProduct, receiveStock } from '@tradewind/contracts';
import { Controller, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { type Downstream, INVENTORY } from '../downstream.ts';
import { type Asked, AskedOf } from '../requests/asked.ts';
import { etagOf } from '../requests/etag.ts';
import { Route } from '../requests/route.ts';

@Controller()
export class AdminProductsController {
  readonly #inventory: Downstream;

  constructor(@Inject(INVENTORY) inventory: Downstream) {
    this.#inventory = inventory;
  }

  @Route('createProduct')
  async create(
    @AskedOf('createProduct') asked: Asked<'createProduct'>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { caller, body, idempotency } = asked;
    const product = await this.#inventory.change(createProduct, { staffId: caller.userId, body, idempotency });
    reply.header('location', `/v1/products/${product.productId}`).header('etag', etagOf(product.version));
    return product;
  }

  @Route('changeProduct')
  async change(
    @AskedOf('changeProduct') asked: Asked<'changeProduct'>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { path, body, ifMatch } = asked;
    const product = await this.#inventory.change(changeProduct, { productId: path.id, body, ifMatch });
    reply.header('etag', etagOf(product.version));
    return product;
  }

  @Route('receiveStock')
  async receive(
    @AskedOf('receiveStock') asked: Asked<'receiveStock'>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { caller, path, body, idempotency } = asked;
    const { productId } = path;
    const receipt = await this.#inventory.change(receiveStock, {
      staffId: caller.userId,
      productId,
      body,
      idempotency,
    });
    reply.header('location', `/v1/admin/stock/${productId}/receipts/${receipt.receiptId}`);
    return receipt;
  }
}
