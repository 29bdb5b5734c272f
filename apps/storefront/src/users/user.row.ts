import type { Role } from '@tradewind/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An account, in the slot of its e-mail address, whose id carries the same slot. */
@Entity('app_user')
export class UserRow {
  @PrimaryColumn({ type: 'smallint', unsigned: true })
  slot!: number;

  /** In lower case; with the slot it is the primary key, so that one address has one account in the whole system. */
  @PrimaryColumn({ type: 'varchar', length: 254 })
  email!: string;

  @Column({ name: 'user_id', type: 'bigint', unsigned: true })
  userId!: string;

  @Column({ type: 'varchar', length: 100 })
  name!: string;

  @Column({ type: 'varchar', length: 8 })
  role!: Role;

  /** In the PHC string format. */
  @Column({ name: 'password_hash', type: 'varchar', length: 255 })
  passwordHash!: string;

  @Column({ name: 'created_at', type: 'datetime', precision: 3 })
  createdAt!: Date;
}
