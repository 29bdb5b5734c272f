export { connectRedis, type RedisConnection, type RedisOptions } from './redis.ts';
