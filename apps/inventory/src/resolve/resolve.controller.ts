import { type RefusedResult, resolveStock, type StockResolution } from '@tradewind/contracts';
import { CallBody, Serves } from '@tradewind/nest';
import { Controller, Inject } from '@nestjs/common';
import { type Done, ResolveStock } from './resolve-stock.ts';

@Controller()
export class ResolveController {
  readonly #resolveStock: ResolveStock;

  constructor(@Inject(ResolveStock) resolveStock: ResolveStock) {
    this.#resolveStock = resolveStock;
  }

  @Serves(resolveStock)
  resolve(
    @CallBody(resolveStock) { items }: { items: StockResolution[] },
  ): Promise<{ results: (Done | RefusedResult)[] }> {
    return this.#resolveStock.runAll(items);
  }
}
