import { getWallet, type Wallet } from '@tradewind/contracts';
import { CallBody, Serves } from '@tradewind/nest';
import { Controller, Inject } from '@nestjs/common';
import type { z } from 'zod';
import { ViewWallet } from './view-wallet.ts';

@Controller()
export class WalletController {
  readonly #viewWallet: ViewWallet;

  constructor(@Inject(ViewWallet) viewWallet: ViewWallet) {
    this.#viewWallet = viewWallet;
  }

  @Serves(getWallet)
  view(@CallBody(getWallet) request: z.output<typeof getWallet.request>): Promise<Wallet> {
    return this.#viewWallet.run(request);
  }
}
