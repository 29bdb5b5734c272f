import { randomUUID } from 'node:crypto';
import { startJourneySystem, type System } from '../journeys/system.ts';
import { newProduct } from '../journeys/actors.ts';
import { inParallel, pause, type Shop, unexpected } from '../wire/shop.ts';
import { type Book, settle, type Shelf } from './book.ts';
import { Client } from './client.ts';
import { Faults, PAUSE_MOST_MS } from './faults.ts';
import { handsOn } from './hands.ts';
import { Random } from './random.ts';
import { Shopper } from './shopper.ts';
import { Tally } from './tally.ts';
import { startTwin, type Twin } from './twin.ts';

export interface ChaosOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly shoppers?: number;
  /** With a second storefront and order process on the same shards. */
  readonly hasTwin?: boolean;
  /** How long a process may stay stopped. */
  readonly pauseMostMs?: number;
  readonly say?: (line: string) => void;
}

export interface ChaosReport {
  readonly isWell: boolean;
  readonly text: string;
}

/** Short, so that payments, cancellations and the end of time meet often. */
const PAYMENT_TIMEOUT_SECONDS = 6;
const SHOPPERS = 8;
const PRODUCTS = 8;
const STOCK = 100_000;
/** Stock of the product that everybody wants, and what comes in while they do. */
const HOT = { stock: 10, receipt: 3, everyMs: 2000 };
const PARALLEL = 4;
/** For the books to agree once everything runs: the ask-back's 15 s, the longest back-off's 10 s, and what the machine needs. */
const SETTLE_MS = 90_000;
const AUDIT_SETTLE_SECONDS = 90;

/** Traffic and faults for a while, then quiet; and nobody's book may differ from the shop's. */
export async function chaos(options: ChaosOptions): Promise<ChaosReport> {
  const tally = new Tally();
  let faults: Faults | undefined;
  const deaths: string[] = [];
  const onDeath = ({ name, message }: { name: string; message: string }): void => {
    deaths.push(message);
    faults?.revive(name);
  };
  const system = await startJourneySystem({ paymentTimeoutSeconds: PAYMENT_TIMEOUT_SECONDS, onDeath });
  let twin: Twin | undefined;
  try {
    twin = options.hasTwin ? await startTwin(system, onDeath) : undefined;
    const random = new Random(options.seed);
    const say = sayer(options.say);
    faults = new Faults(handsOn(system, twin), random.fork(), {
      ...{ tally, say, pauseMostMs: options.pauseMostMs ?? PAUSE_MOST_MS },
    });
    const stage = await setStage(system, random, tally, { ...options, twinUrl: twin?.url });
    const recovery = await live(stage, faults, options.seconds);
    say('everything runs again; waiting for the books to agree');
    const started = Date.now();
    const complaints = [...recovery.failures, ...(await settle(stage.books, stage.shelves, SETTLE_MS))];
    const settledMs = Date.now() - started;
    say('the auditor looks');
    const audit = await system.audit(AUDIT_SETTLE_SECONDS);
    const text = [
      `seed ${options.seed}, ${options.seconds} s${twin ? ', two order processes' : ''}`,
      ...tally.lines(),
      `  ${'orders acknowledged'.padEnd(24)}${system.acknowledged.size}`,
      `  ${'healed'.padEnd(24)}${(recovery.healedMs / 1000).toFixed(1)} s after the last fault was told to end`,
      `  ${'books agreed'.padEnd(24)}${complaints.length > 0 ? 'NEVER' : `after ${(settledMs / 1000).toFixed(1)} s more`}`,
      ...deaths.map((message) => `  ended by itself: ${message}`),
      ...complaints.map((complaint) => `  BROKEN: ${complaint}`),
      audit.output.trimEnd(),
    ].join('\n');
    return { isWell: complaints.length === 0 && audit.exitCode === 0 && deaths.length === 0, text };
  } finally {
    await twin?.stop();
    await system.stop();
  }
}

interface Stage {
  readonly books: readonly Book[];
  readonly shelves: readonly Shelf[];
  readonly shoppers: readonly Shopper[];
  readonly hot: Shelf;
  readonly keeper: Client;
}

async function setStage(
  system: System,
  random: Random,
  tally: Tally,
  { shoppers: count = SHOPPERS, twinUrl }: ChaosOptions & { twinUrl: string | undefined },
): Promise<Stage> {
  const doorsOf = (shop: Shop): Shop[] => [shop, ...(twinUrl === undefined ? [] : [shop.at(twinUrl)])];
  const shelf = async (stock: number): Promise<Shelf> => ({
    productId: (await newProduct(system, stock, random.between(1, 3000))).productId,
    received: stock,
  });
  const hot = await shelf(HOT.stock);
  const shelves = [hot, ...(await inParallel(Array.from({ length: PRODUCTS }), PARALLEL, () => shelf(STOCK)))];
  const books: Book[] = await inParallel(Array.from({ length: count }), PARALLEL, async (_, index) => {
    const shop = await system.nobody.enter(`${randomUUID()}@tradewind.example`, 'correct horse', 'Chaos Shopper');
    const client = new Client(doorsOf(shop), random.fork(), tally);
    return { name: `shopper ${index + 1}`, client, deposited: 0, orders: new Map(), contradictions: [] };
  });
  const shoppers = books.map((book) => new Shopper(book, random.fork(), shelves, system.acknowledged));
  return { books, shelves, shoppers, hot, keeper: new Client(doorsOf(system.staff), random.fork(), tally) };
}

/** @returns how long it took until everything ran again, and which actor gave up */
async function live(
  { shoppers, hot, keeper }: Stage,
  faults: Faults,
  seconds: number,
): Promise<{ healedMs: number; failures: string[] }> {
  const end = Date.now() + seconds * 1000;
  const goesOn = (): boolean => Date.now() < end;
  let healedMs = 0;
  const disorder = faults.run(goesOn).then(() => void (healedMs = Date.now() - end));
  const actors = [
    disorder,
    ...shoppers.map((shopper) => shopper.shop(goesOn)),
    restock(keeper, hot, new Random(seconds), goesOn),
  ];
  const ended = await Promise.allSettled(actors);
  const failures = ended.flatMap((each) => (each.status === 'rejected' ? [String(each.reason)] : []));
  return { healedMs, failures };
}

async function restock(keeper: Client, hot: Shelf, random: Random, goesOn: () => boolean): Promise<void> {
  const path = `/v1/admin/stock/${hot.productId}/receipts`;
  while (goesOn()) {
    const answer = await keeper.insist('receive', path, { quantity: HOT.receipt });
    if (answer.status !== 201) throw unexpected('receive', answer);
    hot.received += HOT.receipt;
    await pause(random.between(0, HOT.everyMs));
  }
}

function sayer(say: (line: string) => void = () => {}): (line: string) => void {
  const start = Date.now();
  return (line) => say(`${((Date.now() - start) / 1000).toFixed(1).padStart(6)} s  ${line}`);
}
