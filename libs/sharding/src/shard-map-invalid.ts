/** Which rule of the format a map breaks. */
export type ShardMapFault =
  | 'format'
  | 'name'
  | 'epoch'
  | 'strategy'
  | 'slots'
  | 'shards'
  | 'length'
  | 'hole'
  | 'double-owner'
  | 'unknown-shard'
  | 'moves';

/** A map that must not be used. Who meets it keeps the map that it has. */
export class ShardMapInvalid extends Error {
  override readonly name = 'ShardMapInvalid';
  readonly fault: ShardMapFault;

  constructor(fault: ShardMapFault, detail: string) {
    super(`shard map: ${fault}: ${detail}`);
    this.fault = fault;
  }
}
