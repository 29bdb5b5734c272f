import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Columns as the driver answers them: BIGINT as decimal strings, DATETIME(3) as Date in UTC. */
@Entity('orders')
export class OrderRow {
  @PrimaryColumn({ type: 'smallint', unsigned: true })
  slot!: number;

  @PrimaryColumn({ name: 'order_id', type: 'bigint', unsigned: true })
  orderId!: string;

  @Column({ name: 'user_id', type: 'bigint', unsigned: true })
  userId!: string;

  @Column({ type: 'varchar', length: 16 })
  status!: string;

  @Column({ type: 'int', unsigned: true })
  version!: number;

  @Column({ name: 'pay_attempt', type: 'smallint', unsigned: true })
  payAttempt!: number;

  @Column({ type: 'char', length: 3 })
  currency!: string;

  @Column({ type: 'bigint', unsigned: true })
  total!: string;

  @Column({ type: 'text' })
  address!: string;

  @Column({ name: 'created_at', type: 'datetime', precision: 3 })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'datetime', precision: 3 })
  updatedAt!: Date;

  @Column({ name: 'expires_at', type: 'datetime', precision: 3, nullable: true })
  expiresAt!: Date | null;
}

@Entity('order_item')
export class OrderItemRow {
  @PrimaryColumn({ type: 'smallint', unsigned: true })
  slot!: number;

  @PrimaryColumn({ name: 'order_id', type: 'bigint', unsigned: true })
  orderId!: string;

  @PrimaryColumn({ name: 'line_no', type: 'tinyint', unsigned: true })
  lineNo!: number;

  @Column({ name: 'product_id', type: 'bigint', unsigned: true })
  productId!: string;

  @Column({ type: 'varchar', length: 200 })
  name!: string;

  @Column({ type: 'int', unsigned: true })
  quantity!: number;

  @Column({ name: 'unit_price', type: 'bigint', unsigned: true })
  unitPrice!: string;
}

@Entity('order_log')
export class OrderLogRow {
  @PrimaryColumn({ type: 'smallint', unsigned: true })
  slot!: number;

  @PrimaryColumn({ name: 'order_id', type: 'bigint', unsigned: true })
  orderId!: string;

  @PrimaryColumn({ type: 'int', unsigned: true })
  version!: number;

  @PrimaryColumn({ type: 'datetime', precision: 3 })
  at!: Date;

  @Column({ type: 'varchar', length: 16 })
  status!: string;

  @Column({ type: 'varchar', length: 32 })
  actor!: string;

  @Column({ type: 'varchar', length: 32 })
  cause!: string;
}
