import { z } from 'zod';
import { batchOf, defineCall, doneResult, idempotency, resultsOf } from './call.ts';
import { id } from './id.ts';
import { resolveAction } from './inventory-calls.ts';
import { currency, depositAmount, moneySchema } from './money.ts';
import { instant } from './text.ts';
import { depositCreated, walletSchema } from './wallet.ts';

/** One attempt to pay one order; the pair names the branch. Attempts of an order count from 0. */
const attempt = z.int().min(0).max(65_535);

/** Freezes the order's total in the shopper's wallet. */
export const paymentTry = z.strictObject({ orderId: id, attempt, userId: id, amount: moneySchema, askAt: instant });
export type PaymentTry = z.infer<typeof paymentTry>;

/** `confirm` captures what is frozen, `cancel` thaws it, `return` gives a captured payment back whole. */
export const paymentResolution = z.strictObject({ orderId: id, attempt, userId: id, action: resolveAction });
export type PaymentResolution = z.infer<typeof paymentResolution>;

export const tryPayments = defineCall('/internal/payments/tries', batchOf(paymentTry), resultsOf(doneResult));
export const resolvePayments = defineCall(
  '/internal/payments/resolutions',
  batchOf(paymentResolution),
  resultsOf(doneResult),
);

export const getWallet = defineCall('/internal/wallets/view', z.strictObject({ userId: id, currency }), walletSchema);
export const deposit = defineCall(
  '/internal/wallets/deposits',
  z.strictObject({ userId: id, amount: depositAmount, idempotency: idempotency.optional() }),
  depositCreated,
);
