export {
  asSlot,
  emailSlot,
  isStrategy,
  ORDER_SLOTS,
  orderSlot,
  PRODUCT_SLOTS,
  productSlot,
  type Slot,
  slotOf,
  STRATEGIES,
  type Strategy,
} from './slot.ts';
export {
  checkShardMap,
  isMapName,
  MAP_SLOTS,
  type MapName,
  type MoveState,
  type Shard,
  type ShardMap,
  type ShardState,
  slotChanges,
  type SlotMove,
} from './shard-map.ts';
export { ShardMapInvalid, type ShardMapFault } from './shard-map-invalid.ts';
export { decodeShardMap, encodeShardMap } from './shard-map-json.ts';
export { type FirstMap, planMap, type ShardSpec, SKEW_MOST } from './plan.ts';
export { type Placement, ShardRouter } from './router.ts';
