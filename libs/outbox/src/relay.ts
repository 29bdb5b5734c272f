import { type Log, type Metrics, noMetrics } from '@tradewind/telemetry';
import { backoffMs, type Clock, systemClock } from '@tradewind/time';
import { BlockedKeys } from './blocked-keys.ts';
import { type AggregateRef, type EventRef, eventId, type OutboxEvent } from './event.ts';
import { HandedOver, stillToSend } from './handed-over.ts';
import { RELAY_LIMITS, type RelayLimits } from './limits.ts';
import type { Duty, EventSender, OutboxStore, SendResult } from './ports.ts';
import { Removals } from './removals.ts';
import { SentVersions } from './sent-versions.ts';
import { StatsReport } from './stats-report.ts';
import { Wake } from './wake.ts';

/** outbox.version is INT UNSIGNED. */
const VERSION_MOST = 2 ** 32 - 1;

export interface RelayOptions {
  /** Names the relay in metrics and logs. */
  readonly shard: string;
  readonly store: OutboxStore;
  readonly sender: EventSender;
  readonly duty: Duty;
  readonly log: Log;
  readonly metrics?: Metrics;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly limits?: Partial<RelayLimits>;
}

/**
 * Carries every event of one shard's outbox table to the broker, at least once, each aggregate's versions in order.
 *
 * Intuition: the table is a tray of letters that the shop's own transactions fill. The relay takes from the tray, posts, and throws a letter
 * away when the post office has signed for it. A clerk who has just written a letter may also press a copy into the relay's hand; it saves a
 * walk to the tray, and is worth nothing more: the original lies there, whatever becomes of the copy.
 *
 * Rules:
 * 1. A row is deleted only after the broker acknowledged it. A crash in between sends it again: consumers judge by version.
 * 2. Version n of an aggregate is sent when n - 1 was acknowledged to this relay, when n is 1, or when the table, read in key order,
 *    shows nothing before it. Each of the three means that some relay has seen everything earlier acknowledged, so the *first* copies are in order
 *    whoever sends. The lease therefore saves work and keeps repeats rare; order survives a leader who slept through its end.
 * 3. The table is never read past a number: each pass starts at the beginning of the key, so a transaction that commits late is found late,
 *    not never.
 * 4. A key that fails waits by itself, with growing pauses; others go on. When too many wait, only retries go out (the broker is away).
 * 5. A poisoned event is parked with its reason and does not hold up the later versions of its key: each event carries the whole state, so the next
 *    one heals what the parked one left out, while a blocked key would grow stale for ever. Replayed later, the parked one is an old version and changes nothing
 *    newer. A consumer that needs every version sees the gap in the numbers.
 * 6. Every queue is bounded. What finds no room in memory is dropped there: the sweep finds it in the table.
 *
 * Holds when: an event is inserted in the transaction that changes its aggregate; versions are given under the aggregate's own row lock or
 * compare-and-set, so that n commits before n + 1; `handOver` is called after the commit; the sender keeps its contract.
 */
export class Relay {
  readonly #options: RelayOptions;
  readonly #limits: RelayLimits;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #metrics: Metrics;
  readonly #labels: { readonly shard: string };
  readonly #handedOver: HandedOver;
  readonly #sent: SentVersions;
  readonly #blocked: BlockedKeys;
  readonly #removals: Removals;
  readonly #stats: StatsReport;
  readonly #wake: Wake;
  /** The fencing token under which the memory above was gathered; undefined without the duty. */
  #token: number | undefined;
  /** Where the running pass over the table is: before everything, after a row, or between passes. */
  #pass: 'start' | EventRef | undefined;
  #nextSweepAt = 0;
  #tableIsNext = true;
  #stopping = false;
  #halted = false;
  #running: Promise<void> | undefined;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#limits = { ...RELAY_LIMITS, ...options.limits };
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#metrics = options.metrics ?? noMetrics;
    this.#labels = { shard: options.shard };
    this.#handedOver = new HandedOver(this.#limits.handedOverMost);
    this.#sent = new SentVersions(this.#limits.rememberedMost);
    this.#blocked = new BlockedKeys(this.#limits.retry, this.#random);
    this.#wake = new Wake(this.#clock);
    const { store, log, shard } = options;
    const [clock, metrics, limits] = [this.#clock, this.#metrics, this.#limits];
    this.#removals = new Removals({ store, log, clock, limits, random: this.#random });
    this.#stats = new StatsReport({ shard, store, clock, metrics, log, everyMs: limits.statsEveryMs });
  }

  /** Tells the relay what was just committed. Never throws, never waits; without the duty, or without room, it does nothing. */
  handOver(events: readonly OutboxEvent[]): void {
    if (this.#stopping || !this.#options.duty.isHeld()) return;
    const dropped = this.#handedOver.add(events);
    if (dropped > 0) {
      this.#nextSweepAt = 0;
      this.#metrics.count('tradewind_outbox_handover_dropped_total', this.#labels, dropped);
    }
    this.#wake.now();
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Sends what was handed over and deletes what was acknowledged, for at most `drainMs`; the rest stays in the table. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake.now();
    const deadline = new AbortController();
    const timeout = this.#clock.sleep(this.#limits.drainMs, deadline.signal).catch(() => {});
    await Promise.race([this.#running?.then(() => this.#removals.drained()), timeout]);
    deadline.abort();
    this.#halted = true;
    this.#removals.halt();
    this.#wake.now();
  }

  async #run(): Promise<void> {
    let failures = 0;
    const hasWork = (): boolean => !this.#stopping || (this.#handedOver.size > 0 && this.#options.duty.isHeld());
    while (hasWork() && !this.#halted) {
      try {
        await this.#step();
        failures = 0;
      } catch (error) {
        failures += 1;
        this.#options.log.error({ err: error, ...this.#labels, failures }, 'outbox relay step failed');
        await this.#clock.sleep(backoffMs(failures, this.#limits.retry, this.#random));
      }
    }
  }

  async #step(): Promise<void> {
    if (!this.#takeDuty()) return this.#wake.wait(this.#limits.dutyPollMs);
    void this.#stats.publishIfDue();
    const batch = await this.#nextBatch();
    await (batch.length > 0 ? this.#send(batch) : this.#rest());
  }

  async #rest(): Promise<void> {
    const choked = this.#isChoked();
    if (!choked && (this.#pass !== undefined || this.#handedOver.size > 0)) return;
    const nextAt = choked ? this.#blocked.nextDueAt() : Math.min(this.#nextSweepAt, this.#blocked.nextDueAt());
    await this.#wake.wait(nextAt - this.#clock.elapsed());
  }

  /** What a former term remembers says nothing about what others sent since: a new token starts from the table. */
  #takeDuty(): boolean {
    const { duty } = this.#options;
    const token = duty.isHeld() ? duty.token : undefined;
    if (token === this.#token) return token !== undefined;
    this.#token = token;
    this.#handedOver.clear();
    this.#sent.clear();
    this.#blocked.clear();
    this.#startOver();
    if (token === undefined) this.#stats.withdraw();
    this.#options.log.info({ ...this.#labels, token }, token === undefined ? 'relay duty lost' : 'relay duty taken');
    return token !== undefined;
  }

  /** Retries first; then the table and the memory take turns, so that neither can starve the other. */
  async #nextBatch(): Promise<OutboxEvent[]> {
    const due = this.#blocked.due(this.#clock.elapsed(), this.#limits.batchMost);
    if (due.length > 0) return this.#retries(due);
    if (this.#isChoked()) return [];
    const now = this.#clock.elapsed();
    if (this.#pass === undefined && this.#nextSweepAt <= now && !this.#stopping) this.#pass = 'start';
    this.#tableIsNext = !this.#tableIsNext;
    const fromTable = this.#pass !== undefined && (this.#tableIsNext || this.#handedOver.size === 0);
    return fromTable ? this.#nextPage() : this.#fromMemory();
  }

  /** One more batch could fail as a whole and find no room among the blocked keys. */
  #isChoked(): boolean {
    return this.#blocked.size + this.#limits.batchMost > this.#limits.blockedMost;
  }

  /** A key of which nothing waits any more is free; in an answer that was cut short, absence says nothing. */
  async #retries(due: readonly AggregateRef[]): Promise<OutboxEvent[]> {
    const acknowledged = this.#removals.snapshot();
    const rows = await this.#options.store.readAggregates(due, this.#limits.batchMost);
    const events = stillToSend(rows, acknowledged, () => false);
    const found = new Set(events.map((event) => event.aggregateId));
    if (rows.length === this.#limits.batchMost) return events;
    for (const { aggregateId } of due) if (!found.has(aggregateId)) this.#blocked.unblock(aggregateId);
    return events;
  }

  async #askTable(aggregates: readonly AggregateRef[]): Promise<OutboxEvent[]> {
    const acknowledged = this.#removals.snapshot();
    const events = await this.#options.store.readAggregates(aggregates, this.#limits.batchMost);
    if (events.length === this.#limits.batchMost) this.#nextSweepAt = 0;
    return stillToSend(events, acknowledged, () => false);
  }

  async #nextPage(): Promise<OutboxEvent[]> {
    const after = this.#pass === 'start' ? undefined : this.#pass;
    const acknowledged = this.#removals.snapshot();
    const events = await this.#options.store.read(this.#limits.batchMost, after);
    const last = events.at(-1);
    const isLastPage = events.length < this.#limits.batchMost || last === undefined;
    this.#pass = isLastPage ? undefined : last;
    if (isLastPage) this.#nextSweepAt = this.#clock.elapsed() + this.#limits.sweepEveryMs;
    else if (this.#blocked.has(last.aggregateId)) this.#passBy(last);
    return stillToSend(events, acknowledged, (id) => this.#blocked.has(id));
  }

  /**
   * Lets the running pass leave out the rest of an aggregate that it stands in. A page may end between two of its versions; were the earlier one held back
   * here and the key free again by the next page, the later one would overtake it.
   */
  #passBy({ slot, aggregateId }: AggregateRef): void {
    if (typeof this.#pass !== 'object' || this.#pass.aggregateId !== aggregateId) return;
    this.#pass = { slot, aggregateId, version: VERSION_MOST };
  }

  async #fromMemory(): Promise<OutboxEvent[]> {
    const { sendable, askTable } = this.#handedOver.take(this.#limits.batchMost, this.#sent, (id) =>
      this.#blocked.has(id),
    );
    if (askTable.length === 0) return sendable;
    return [...sendable, ...(await this.#askTable(askTable))];
  }

  async #send(batch: readonly OutboxEvent[]): Promise<void> {
    while (!this.#removals.hasRoomFor(batch.length) && !this.#halted)
      await this.#clock.sleep(this.#limits.retry.firstMs);
    const { duty, sender } = this.#options;
    // As late as can be: what follows is the send itself.
    if (this.#halted || !duty.isHeld() || duty.token !== this.#token) return this.#startOver();
    const results = await sender.send(batch).catch((error: unknown) => batch.map(() => failed(error)));
    const acknowledged: OutboxEvent[] = [];
    const unsure: string[] = [];
    // In the order of the batch, so that a key whose first event arrived and whose second failed ends up blocked.
    for (const [index, event] of batch.entries()) {
      const result = results[index] ?? failed('the sender gave no result');
      if (result.outcome === 'sent') acknowledged.push(this.#acknowledge(event));
      else if (result.outcome === 'poisoned') await this.#park(event, result.reason);
      else unsure.push(this.#block(event, result.reason));
    }
    if (acknowledged.length > 0) this.#removals.add(acknowledged);
    this.#report(acknowledged.length, unsure);
  }

  #acknowledge(event: OutboxEvent): OutboxEvent {
    // An earlier try failed without saying whether it arrived: the broker may hold two copies now.
    if (this.#blocked.unblock(event.aggregateId))
      this.#metrics.count('tradewind_outbox_maybe_duplicate_total', this.#labels);
    this.#sent.set(event.aggregateId, event.version);
    const delaySeconds = Math.max(0, this.#clock.now() - event.createdAt.getTime()) / 1000;
    this.#metrics.observe('tradewind_outbox_delay_seconds', delaySeconds, this.#labels);
    return event;
  }

  #block(event: OutboxEvent, reason: string): string {
    this.#blocked.block(event, this.#clock.elapsed());
    this.#passBy(event);
    return reason;
  }

  /** What was read and not sent is read again: a pass that went on would leave it behind. */
  #startOver(): void {
    this.#pass = undefined;
    this.#nextSweepAt = 0;
  }

  async #park(event: OutboxEvent, reason: string): Promise<void> {
    const { store, log } = this.#options;
    try {
      await store.park(event, reason);
    } catch (error) {
      log.error(
        { err: error, ...this.#labels, event: eventId(event) },
        'poisoned event could not be parked, trying again',
      );
      this.#block(event, reason);
      return;
    }
    this.#blocked.unblock(event.aggregateId);
    this.#sent.set(event.aggregateId, event.version);
    this.#metrics.count('tradewind_outbox_parked_total', this.#labels);
    log.error({ ...this.#labels, event: eventId(event), type: event.type, reason }, 'poisoned event parked');
  }

  #report(acknowledged: number, unsure: readonly string[]): void {
    if (acknowledged > 0) this.#metrics.count('tradewind_outbox_sent_total', this.#labels, acknowledged);
    if (unsure.length === 0) return;
    this.#metrics.count('tradewind_outbox_retried_total', this.#labels, unsure.length);
    const keysBlocked = this.#blocked.size;
    this.#options.log.warn(
      { ...this.#labels, events: unsure.length, reason: unsure[0], keysBlocked },
      'events will be sent again',
    );
  }
}

function failed(reason: unknown): SendResult {
  return { outcome: 'failed-retry', reason: reason instanceof Error ? reason.message : String(reason) };
}
