/**
 * What the auditor reads: streams of pages, each bounded, from the servers themselves. Amounts and quantities are bigints, ids are
 * decimal strings. What one page holds was read in one snapshot of its database, so that a sum and its parts belong to one moment; pages of
 * different databases do not, which is why an offence on a live system is looked at again (see `audit.ts`).
 */
export interface AuditSources {
  readonly now: () => Date;
  readonly stock: StockSource;
  readonly ledger: LedgerSource;
  readonly orders: OrderSource;
  readonly events: EventSource;
  readonly index: IndexSource;
  readonly tables: TableSource;
  /** Ids of orders that clients were told of, if somebody wrote them down. */
  readonly acknowledged: (() => AsyncIterable<string[]>) | undefined;
}

/** Everything that is known of one product's units. */
export interface StockSheet {
  readonly productId: string;
  /** Undefined when receipts or branches name a product that has no stock row. */
  readonly stock: { readonly onHand: bigint; readonly available: bigint; readonly frozen: bigint } | undefined;
  readonly received: bigint;
  /** Units of branches in that phase. */
  readonly tried: bigint;
  readonly confirmed: bigint;
}

export interface StockBranch {
  readonly orderId: string;
  readonly productId: string;
  readonly quantity: bigint;
  readonly phase: string;
  readonly askAt: Date | null;
}

export interface StockSource {
  sheets(): AsyncIterable<StockSheet[]>;
  branches(): AsyncIterable<StockBranch[]>;
  /** The branches of these orders for the products that they name. */
  branchesOf(orders: readonly AuditedOrder[]): Promise<StockBranch[]>;
}

/** Everything that is known of one account. */
export interface AccountSheet {
  readonly kind: string;
  readonly ownerId: string;
  readonly currency: string;
  /** Undefined when lines or branches name an account that does not exist. */
  readonly account: { readonly balance: bigint; readonly frozen: bigint } | undefined;
  readonly lineSum: bigint;
  /** Amounts of tried payment branches. */
  readonly tried: bigint;
}

/** The lines of one transfer in one currency. */
export interface TransferSum {
  readonly transferId: string;
  readonly cause: string;
  readonly currency: string;
  readonly sum: bigint;
}

/** What an order's payment branches say of its money, beside what the ledger says, in one currency. */
export interface PaymentSheet {
  readonly orderId: string;
  readonly currency: string;
  /** Amounts of branches that took money and did not give it back, and of those that did. */
  readonly confirmed: bigint;
  readonly returned: bigint;
  /** What the lines took from wallets for the order, and what they gave back. */
  readonly linesTook: bigint;
  readonly linesGave: bigint;
}

export interface PaymentBranch {
  readonly orderId: string;
  readonly attempt: number;
  readonly userId: string;
  readonly currency: string;
  readonly amount: bigint;
  readonly phase: string;
  readonly askAt: Date | null;
}

export interface LedgerSource {
  accounts(): AsyncIterable<AccountSheet[]>;
  transfers(): AsyncIterable<TransferSum[]>;
  payments(): AsyncIterable<PaymentSheet[]>;
  branches(): AsyncIterable<PaymentBranch[]>;
  branchesOf(orders: readonly AuditedOrder[]): Promise<PaymentBranch[]>;
}

export interface AuditedOrder {
  readonly slot: number;
  readonly orderId: string;
  readonly userId: string;
  readonly status: string;
  readonly version: number;
  readonly currency: string;
  readonly total: bigint;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly items: readonly { readonly productId: string; readonly name: string; readonly quantity: bigint }[];
  /** What is decided and still to be carried out: confirm, cancel, return. */
  readonly pending: readonly string[];
}

/** An order's row beside what another table of its shard says of it. */
export interface OrderHistory {
  readonly orderId: string;
  readonly order: { readonly status: string; readonly version: number } | undefined;
  /** Ascending. */
  readonly log: readonly { readonly version: number; readonly status: string }[];
}

export interface OrderPlacement {
  readonly orderId: string;
  readonly order: { readonly status: string; readonly userId: string } | undefined;
  /** How many idempotency keys name it as what they placed, and whose they are. */
  readonly keys: number;
  readonly keyUserIds: readonly string[];
}

export interface OutboxRow {
  readonly shard: string;
  readonly aggregateId: string;
  readonly version: number;
  readonly parkedReason: string | null;
}

export interface OrderSource {
  all(): AsyncIterable<AuditedOrder[]>;
  byId(orderIds: readonly string[]): Promise<Map<string, AuditedOrder>>;
  histories(): AsyncIterable<OrderHistory[]>;
  placements(): AsyncIterable<OrderPlacement[]>;
  /** In how many shards each id is an order; asks every shard, not only the one that the map names. */
  copies(orderIds: readonly string[]): Promise<Map<string, number>>;
  /** Of the order and the inventory shards. */
  outbox(): AsyncIterable<OutboxRow[]>;
}

/** Which versions of which orders the topic holds, in the order in which each first came. */
export interface EventVersions {
  of(orderIds: readonly string[]): Map<string, readonly number[]>;
  orderIds(): Iterable<string[]>;
  close(): void;
}

export interface EventSource {
  /** Reads the whole topic. Close what it gives. */
  versions(onMessage: () => void): Promise<EventVersions>;
}

export interface IndexedOrder {
  readonly id: string;
  /** The document's external version. */
  readonly externalVersion: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface IndexSource {
  ids(): AsyncIterable<string[]>;
  byId(orderIds: readonly string[]): Promise<Map<string, IndexedOrder>>;
}

/** One row, or several of one key, as far as its place is concerned. */
export interface PlacedRow {
  readonly table: string;
  readonly shard: string;
  readonly slot: number;
  /** The shard that the map gives this slot to; undefined when the map has no such slot. */
  readonly mapped: string | undefined;
  /** Column and value, such as `order_id 17`. */
  readonly key: string;
  /** In which slot the row must lie by each id that it carries. */
  readonly slotsById: readonly number[];
}

export interface TableSource {
  rows(): AsyncIterable<PlacedRow[]>;
}
