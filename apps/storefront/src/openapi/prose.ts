/** The words of the document and its page that hold for all calls. Markdown: paragraphs and `code` are all the page needs to know of it. */
export const DESCRIPTION = `The public side of Tradewind: accounts, products, orders, wallets, and what staff do with them. Everything is JSON in UTF-8; bodies hold at most 64 KiB, and unknown fields are refused.

Ids are decimal strings of up to 63 bits: never read them into a floating-point number. Money is an integer of minor units and an ISO 4217 currency: \`{"amount": 1999, "currency": "EUR"}\` is 19.99 euros. Times are RFC 3339 in UTC with milliseconds.

Placing, paying and cancelling need an \`Idempotency-Key\`: when an answer does not reach you, repeat the request with the same key. It takes effect once, and you get the same answer. The same key with other content is 422.

Orders carry their version as a strong \`ETag\`. Send it back as \`If-Match\` and a change is refused with 412 when somebody was faster.

Lists answer \`items\` and \`nextCursor\`; hand the cursor back, with the same query, until it is null. Cursors are opaque, signed and expire.

What goes wrong is answered as \`application/problem+json\` (RFC 9457). Switch on \`code\`. The order of another shopper is 404, like one that never was.`;

export const GROUPS = {
  Accounts: 'Sign up, sign in.',
  Products: 'What is on sale. No account is needed.',
  Orders: "A shopper's own orders.",
  Wallet: 'The money to pay with.',
  Staff: 'The catalogue, the stock and the orders of all shoppers; for accounts of staff.',
} as const;

/** What a caller should do about a problem, by the `next` of the problem table. */
export const NEXT_STEPS = {
  fix: 'Change the request.',
  wait: 'Wait (Retry-After says how long) and repeat it unchanged.',
  stop: 'Stop: repeating can not help.',
} as const;
