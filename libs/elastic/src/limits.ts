/** Every bound of the adapter. */
export interface ElasticLimits {
  /** A readiness probe. */
  readonly pingMs: number;
  /** One page of a search; the server is told to give up a little earlier. */
  readonly searchMs: number;
  readonly bulkMs: number;
  /** Creating an index waits for the cluster's state to be written. */
  readonly indexMs: number;
  /** How often a repeatable call is sent again after a broken connection, a 429 or a 503. */
  readonly retriesMost: number;
  readonly bulkDocsMost: number;
  /** Bytes of a bulk request, well below the server's http.max_content_length (100 MB) and small enough to answer within `bulkMs`. */
  readonly bulkBytesMost: number;
  /** How long a point in time outlives its last page, seconds. Open ones hold segments on the server. */
  readonly pitKeepSeconds: number;
}

export const ELASTIC_LIMITS: ElasticLimits = {
  pingMs: 1_000,
  searchMs: 5_000,
  bulkMs: 30_000,
  indexMs: 30_000,
  retriesMost: 2,
  bulkDocsMost: 1_000,
  bulkBytesMost: 8 * 1024 * 1024,
  pitKeepSeconds: 60,
};
