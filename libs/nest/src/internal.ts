import { createHash, timingSafeEqual } from 'node:crypto';
import type { Call } from '@tradewind/contracts';
import { Refusal } from '@tradewind/errors';
import {
  applyDecorators,
  type CanActivate,
  type ExecutionContext,
  HttpCode,
  Inject,
  Injectable,
  Post,
  UseGuards,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { ValidBody } from './valid.ts';

export const INTERNAL_TOKEN = Symbol('INTERNAL_TOKEN');

/** Lets only our own services in: they share a token, compared in constant time. */
@Injectable()
export class InternalGuard implements CanActivate {
  readonly #wanted: Buffer;

  constructor(@Inject(INTERNAL_TOKEN) token: string) {
    this.#wanted = digest(`Bearer ${token}`);
  }

  canActivate(context: ExecutionContext): boolean {
    const given = context.switchToHttp().getRequest<FastifyRequest>().headers.authorization ?? '';
    if (!timingSafeEqual(digest(given), this.#wanted)) throw new Refusal('unauthenticated');
    return true;
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Marks the method that serves an internal call; its argument takes `@CallBody` of the same call. */
export function Serves(call: Call<z.ZodType, z.ZodType>): MethodDecorator {
  return applyDecorators(Post(call.path), HttpCode(200), UseGuards(InternalGuard));
}

/** The request of an internal call, parsed. */
export function CallBody(call: Call<z.ZodType, z.ZodType>): ParameterDecorator {
  return ValidBody(call.request);
}
