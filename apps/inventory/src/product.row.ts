import type { Product, ProductEventData } from '@tradewind/contracts';
import { type Currency, money } from '@tradewind/money';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A product of the catalogue. BIGINT columns are decimal strings. */
@Entity({ name: 'product' })
export class ProductRow {
  @PrimaryColumn({ name: 'slot', type: 'smallint', unsigned: true })
  slot!: number;

  @PrimaryColumn({ name: 'product_id', type: 'bigint', unsigned: true })
  productId!: string;

  @Column({ name: 'name', type: 'varchar', length: 200 })
  name!: string;

  @Column({ name: 'description', type: 'text' })
  description!: string;

  @Column({ name: 'category', type: 'varchar', length: 60 })
  category!: string;

  @Column({ name: 'price', type: 'bigint', unsigned: true })
  price!: string;

  @Column({ name: 'currency', type: 'char', length: 3 })
  currency!: Currency;

  @Column({ name: 'version', type: 'int', unsigned: true })
  version!: number;

  @Column({ name: 'created_at', type: 'datetime', precision: 3 })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'datetime', precision: 3 })
  updatedAt!: Date;
}

/** The product as clients see it. */
export function productOf(row: ProductRow, available: number): Product {
  const { productId, name, description, category, version } = row;
  return { productId, name, description, category, price: money(Number(row.price), row.currency), available, version };
}

/** The product as its event carries it: its whole state, without the stock, which changes too often to be news. */
export function eventDataOf(row: ProductRow): ProductEventData {
  const { available: _, ...product } = productOf(row, 0);
  return { ...product, createdAt: row.createdAt.toISOString(), updatedAt: row.updatedAt.toISOString() };
}
