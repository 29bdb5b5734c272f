import { type RefusedResult, type StockTry, tryStock } from '@tradewind/contracts';
import { CallBody, Serves } from '@tradewind/nest';
import { Controller, Inject } from '@nestjs/common';
import { type StockTried, TryStock } from './try-stock.ts';

@Controller()
export class TryController {
  readonly #tryStock: TryStock;

  constructor(@Inject(TryStock) tryStock: TryStock) {
    this.#tryStock = tryStock;
  }

  @Serves(tryStock)
  try(@CallBody(tryStock) { items }: { items: StockTry[] }): Promise<{ results: (StockTried | RefusedResult)[] }> {
    return this.#tryStock.runAll(items);
  }
}
