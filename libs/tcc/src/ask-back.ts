import type { Log, Metrics } from '@tradewind/telemetry';
import { type Clock, Loop, systemClock } from '@tradewind/time';
import type { Decision } from './decision.ts';

/** Branches that one round asks about. */
const ASK_BATCH_MOST = 200;
const ASK_PAUSE_MS = 500;
/** Branches that follow their answers at once: no more than a shard's pool has connections to spare. */
const PARALLEL_MOST = 8;
/** After an ask that failed or was answered by nothing: when to ask again. */
const ASK_AGAIN_MS = 2000;

/** What the ask-back loop needs of a participant. */
export interface AskBackPorts<B> {
  /** Tried branches whose `askAt` has passed. */
  due(now: Date, limit: number): Promise<B[]>;
  /** Asks the coordinator, one answer for each branch; undefined where it could not say. */
  ask(branches: readonly B[]): Promise<(Decision | undefined)[]>;
  /** May fail: the branch is asked about again later, and its neighbours are none the wiser. */
  settle(branch: B, decision: 'confirm' | 'cancel'): Promise<void>;
  postpone(branch: B, askAt: Date): Promise<void>;
}

/**
 * The participant's side of a silent coordinator: a branch that heard nothing until its `askAt` asks what was decided, for ever. It
 * never decides by itself: an answer that does not come leaves the stock or the money frozen, which is safe, and is asked for again.
 */
export class AskBack<B> {
  readonly #ports: AskBackPorts<B>;
  readonly #log: Log;
  readonly #metrics: Metrics;
  readonly #clock: Clock;
  readonly #loop: Loop;

  constructor(
    ports: AskBackPorts<B>,
    { log, metrics, clock = systemClock }: { log: Log; metrics: Metrics; clock?: Clock },
  ) {
    this.#ports = ports;
    this.#log = log;
    this.#metrics = metrics;
    this.#clock = clock;
    this.#loop = new Loop(
      ASK_PAUSE_MS,
      () => this.round(),
      (error) => log.warn({ err: error }, 'asking back failed'),
      clock,
    );
  }

  start(): void {
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  /** Asks about every branch that is due now, once. */
  async round(): Promise<void> {
    const due = await this.#ports.due(new Date(this.#clock.now()), ASK_BATCH_MOST);
    if (due.length === 0) return;
    const answers = await this.#ports.ask(due).catch((error: unknown) => {
      this.#log.warn({ err: error, branches: due.length }, 'the coordinator did not answer');
      return due.map(() => undefined);
    });
    let failures = 0;
    for (let start = 0; start < due.length; start += PARALLEL_MOST) {
      const part = due.slice(start, start + PARALLEL_MOST);
      const taken = await Promise.allSettled(part.map((branch, at) => this.#take(branch, answers[start + at])));
      for (const [at, each] of taken.entries()) {
        if (each.status === 'fulfilled') continue;
        failures += 1;
        await this.#putOff(part[at]!, each.reason);
      }
    }
    // After an outage thousands may be due; where something failed the pause stays.
    if (due.length === ASK_BATCH_MOST && failures === 0) this.#loop.nudge();
  }

  /** A branch that can't follow its answer goes to the end of the line, or it would be the first of every round and the others never heard. */
  async #putOff(branch: B, error: unknown): Promise<void> {
    this.#metrics.count('tradewind_tcc_ask_failures_total');
    this.#log.error({ err: error, branch }, 'a branch could not follow the answer; it will ask again');
    await this.#ports.postpone(branch, new Date(this.#clock.now() + ASK_AGAIN_MS)).catch(() => undefined);
  }

  async #take(branch: B, answer: Decision | undefined): Promise<void> {
    const decision = answer?.decision ?? 'silence';
    this.#metrics.count('tradewind_tcc_asks_total', { decision });
    if (answer === undefined) return this.#ports.postpone(branch, new Date(this.#clock.now() + ASK_AGAIN_MS));
    if (answer.decision === 'wait') return this.#ports.postpone(branch, answer.askAt);
    await this.#ports.settle(branch, answer.decision);
  }
}
