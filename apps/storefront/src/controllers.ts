import { AdminOrdersController } from './admin/admin-orders.controller.ts';
import { AdminProductsController } from './admin/admin-products.controller.ts';
import { DocumentController } from './openapi/document.controller.ts';
import { OrdersController } from './orders/orders.controller.ts';
import { ProductsController } from './products/products.controller.ts';
import { SessionsController } from './sessions/sessions.controller.ts';
import { UsersController } from './users/users.controller.ts';
import { WalletController } from './wallet/wallet.controller.ts';

/** Everything that answers HTTP here: what the process serves, and what the test of the document looks at. */
export const CONTROLLERS = [
  UsersController,
  SessionsController,
  ProductsController,
  OrdersController,
  WalletController,
  AdminProductsController,
  AdminOrdersController,
  DocumentController,
];
