import { type DoneResult, type RefusedResult, resolveStock, type StockResolution } from '@tradewind/contracts';
import { CallBody, Serves } from '@tradewind/nest';
import { Controller, Inject } from '@nestjs/common';
import { ResolveStock } from './resolve-stock.ts';

@Controller()
export class ResolveController {
  readonly #resolveStock: ResolveStock;

  constructor(@Inject(ResolveStock) resolveStock: ResolveStock) {
    this.#resolveStock = resolveStock;
  }

  @Serves(resolveStock)
  resolve(
    @CallBody(resolveStock) { items }: { items: StockResolution[] },
  ): Promise<{ results: (DoneResult | RefusedResult)[] }> {
    return this.#resolveStock.runAll(items);
  }
}
