import type { AuditedOrder, AuditSources, PaymentBranch, StockBranch } from './audit-sources.ts';
import type { Findings, Invariant } from './invariant.ts';

/** What each status promises about the order's branches. */
const PAID = new Set(['PAID', 'SHIPPED', 'DELIVERED', 'COMPLETED']);
const OVER = new Set(['CANCELLED', 'VOID']);
/** Phases in which a branch holds, or has taken, money or stock. */
const HOLDS = new Set(['tried', 'confirmed']);
/** Phases that say an order was there; the others are also left by a placing that came to nothing. */
const NEEDS_ORDER = new Set(['tried', 'confirmed', 'returned']);

/** An order, its money and its stock tell one story, whichever of them one begins with. */
export const ordersAreCovered: Invariant = {
  id: 'I4',
  says: 'orders: paid <=> one captured payment of the total and exactly its units sold; cancelled <=> no money, no stock held',
  check: async (sources, findings) => {
    for await (const orders of sources.orders.all()) await checkOrders(orders, sources, findings);
    for await (const branches of sources.stock.branches()) await checkStockOwners(branches, sources, findings);
    for await (const branches of sources.ledger.branches()) await checkPaymentOwners(branches, sources, findings);
  },
};

async function checkOrders(
  orders: readonly AuditedOrder[],
  { stock, ledger }: AuditSources,
  findings: Findings,
): Promise<void> {
  const stockOf = Map.groupBy(await stock.branchesOf(orders), (branch) => branch.orderId);
  const paymentsOf = Map.groupBy(await ledger.branchesOf(orders), (branch) => branch.orderId);
  for (const order of orders) {
    findings.checked();
    const units = stockOf.get(order.orderId) ?? [];
    const payments = paymentsOf.get(order.orderId) ?? [];
    const left = order.pending.length === 0 ? '' : ` (still to be carried out: ${order.pending.join(', ')})`;
    const tell = (rule: string, detail: string): void =>
      findings.offence(`order ${order.orderId}`, rule, `${order.status}, but ${detail}${left}`);
    if (PAID.has(order.status)) checkPaid(order, units, payments, tell);
    else if (OVER.has(order.status)) checkOver(units, payments, tell);
    else if (order.status === 'PENDING_PAYMENT') checkWaiting(order, units, payments, tell);
    else tell('status', 'the auditor knows no rule for that');
  }
}

type Tell = (rule: string, detail: string) => void;

function checkPaid(
  order: AuditedOrder,
  units: readonly StockBranch[],
  payments: readonly PaymentBranch[],
  tell: Tell,
): void {
  const captured = payments.filter(({ phase }) => phase === 'confirmed');
  const [payment] = captured;
  if (captured.length !== 1 || payment === undefined) tell('payment', `${captured.length} payments are captured`);
  else if (payment.amount !== order.total || payment.currency !== order.currency)
    tell('amount', `${payment.amount} ${payment.currency} captured of ${order.total} ${order.currency}`);
  if (payments.some(({ phase }) => phase === 'tried')) tell('payment-open', 'a payment is still open');
  if (payments.some(({ phase }) => phase === 'returned')) tell('payment-returned', 'a payment was returned');
  checkUnits(order, units, 'confirmed', tell);
}

function checkWaiting(
  order: AuditedOrder,
  units: readonly StockBranch[],
  payments: readonly PaymentBranch[],
  tell: Tell,
): void {
  if (payments.some(({ phase }) => phase === 'confirmed')) tell('payment', 'a payment is captured');
  checkUnits(order, units, 'tried', tell);
}

function checkOver(units: readonly StockBranch[], payments: readonly PaymentBranch[], tell: Tell): void {
  for (const { productId, phase } of units)
    if (HOLDS.has(phase)) tell('stock', `stock of product ${productId} is ${phase}`);
  for (const { attempt, phase } of payments) if (HOLDS.has(phase)) tell('payment', `payment ${attempt} is ${phase}`);
}

/** Each product of the order has one branch, in `phase`, of the units of all its lines. */
function checkUnits({ items }: AuditedOrder, branches: readonly StockBranch[], phase: string, tell: Tell): void {
  const wanted = new Map<string, bigint>();
  for (const { productId, quantity } of items) wanted.set(productId, (wanted.get(productId) ?? 0n) + quantity);
  if (wanted.size === 0) tell('no-items', 'it has no lines');
  for (const [productId, quantity] of wanted) {
    const branch = branches.find((each) => each.productId === productId);
    if (branch === undefined) tell('stock', `product ${productId} has no branch`);
    else if (branch.phase !== phase) tell('stock', `the stock of product ${productId} is ${branch.phase}`);
    else if (branch.quantity !== quantity)
      tell('units', `${branch.quantity} of ${quantity} units of product ${productId}`);
  }
}

async function checkStockOwners(
  branches: readonly StockBranch[],
  { orders }: AuditSources,
  findings: Findings,
): Promise<void> {
  const held = branches.filter(({ phase }) => NEEDS_ORDER.has(phase));
  const owners = await orders.byId([...new Set(held.map((branch) => branch.orderId))]);
  for (const { orderId, productId, phase } of held) {
    const owner = owners.get(orderId);
    findings.checked();
    if (owner === undefined || owner.status === 'VOID')
      findings.offence(
        `order ${orderId}`,
        'no-order',
        `stock of product ${productId} is ${phase} for an order that is not there`,
      );
    else if (HOLDS.has(phase) && !owner.items.some((item) => item.productId === productId))
      findings.offence(
        `order ${orderId}`,
        'foreign-stock',
        `stock of product ${productId} is ${phase}, which it does not name`,
      );
  }
}

async function checkPaymentOwners(
  branches: readonly PaymentBranch[],
  { orders }: AuditSources,
  findings: Findings,
): Promise<void> {
  const held = branches.filter(({ phase }) => NEEDS_ORDER.has(phase));
  const owners = await orders.byId([...new Set(held.map((branch) => branch.orderId))]);
  for (const { orderId, attempt, userId, phase } of held) {
    const owner = owners.get(orderId);
    findings.checked();
    if (owner === undefined || owner.status === 'VOID')
      findings.offence(`order ${orderId}`, 'no-order', `payment ${attempt} is ${phase} for an order that is not there`);
    else if (owner.userId !== userId)
      findings.offence(
        `order ${orderId}`,
        'foreign-payment',
        `payment ${attempt} of user ${userId}, not of its own ${owner.userId}`,
      );
  }
}
