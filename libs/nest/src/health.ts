import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

export const READINESS = Symbol('READINESS');

/** How long one dependency may take to answer, ms. */
const CHECK_MS = 2000;

/** One check: fails by rejecting or by answering false. */
export type Check = () => Promise<unknown>;

/** What a service needs in order to take traffic. A part that is not `needed` is shown but does not make the service unready. */
export interface Readiness {
  readonly needed: Readonly<Record<string, Check>>;
  readonly wanted?: Readonly<Record<string, Check>>;
}

/** live is the process, ready is its dependencies. */
@Controller('health')
export class HealthController {
  readonly #readiness: Readiness;

  constructor(@Inject(READINESS) readiness: Readiness) {
    this.#readiness = readiness;
  }

  @Get('live')
  live(): { status: string } {
    return { status: 'ok' };
  }

  @Get('ready')
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const [needed, wanted] = await Promise.all([
      runChecks(this.#readiness.needed),
      runChecks(this.#readiness.wanted ?? {}),
    ]);
    const ok = Object.values(needed).every((each) => each === 'ok');
    await reply.status(ok ? 200 : 503).send({ status: ok ? 'ok' : 'unready', checks: { ...needed, ...wanted } });
  }
}

async function runChecks(checks: Readonly<Record<string, Check>>): Promise<Record<string, string>> {
  const answers = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await runCheck(check)] as const),
  );
  return Object.fromEntries(answers);
}

async function runCheck(check: Check): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => (timer = setTimeout(() => resolve('no answer'), CHECK_MS)));
  const answer = await Promise.race([
    late,
    check().then(
      (answer) => (answer === false ? 'failed' : 'ok'),
      () => 'failed',
    ),
  ]);
  clearTimeout(timer);
  return answer;
}
