import type { Currency } from '@tradewind/money';
import type { Slot } from '@tradewind/sharding';

/**
 * The most that a wallet may hold, in minor units: a deposit beyond it is refused. A ninth of `AMOUNT_MOST`, so that payments that come back
 * never lift a balance past what an answer may show, and far below 2^53, up to which every number here is exact.
 */
export const BALANCE_MOST = 1_000_000_000_000_000;

/** `outside` is where deposits come from: it owes what all wallets and the merchant hold together. */
export type AccountKind = 'wallet' | 'merchant' | 'outside';

/** The shop's own accounts, one of each per slot and currency, belong to nobody. */
export const NOBODY = '0';

export interface AccountKey {
  readonly slot: Slot;
  readonly kind: AccountKind;
  readonly ownerId: string;
  readonly currency: Currency;
}

export type Cause = 'capture' | 'return' | 'deposit';

/** Moves `amount` (from 0) between a user's wallet and an account of the shop in the same slot. */
export interface Transfer {
  readonly slot: Slot;
  /** The order or the deposit; with the cause it names the transfer, so that none can be posted twice. */
  readonly transferId: string;
  readonly cause: Cause;
  readonly userId: string;
  readonly currency: Currency;
  readonly amount: number;
}

export interface Posting {
  readonly account: AccountKey;
  /** Signed: what the balance gains. */
  readonly amount: number;
}

const MOVES: Readonly<Record<Cause, { readonly walletGains: 1 | -1; readonly other: 'merchant' | 'outside' }>> = {
  capture: { walletGains: -1, other: 'merchant' },
  return: { walletGains: 1, other: 'merchant' },
  deposit: { walletGains: 1, other: 'outside' },
};

/**
 * The two lines of a transfer; they sum to zero. The wallet comes first: every transaction locks in this order, and holds the row that all
 * of a slot share for the shortest time.
 */
export function postingsOf({
  slot,
  cause,
  userId,
  currency,
  amount,
}: Transfer): readonly [wallet: Posting, other: Posting] {
  const { walletGains, other } = MOVES[cause];
  // `|| 0`: no minus zero.
  const gain = walletGains * amount || 0;
  return [
    { account: { slot, kind: 'wallet', ownerId: userId, currency }, amount: gain },
    { account: { slot, kind: other, ownerId: NOBODY, currency }, amount: -gain || 0 },
  ];
}
