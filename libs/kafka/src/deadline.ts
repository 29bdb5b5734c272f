/** Rejects with a clear error when `work` takes longer; what it still does is nobody's concern any more. */
export async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${ms} ms`)), ms);
  });
  // Abandoned work may fail later: that must not end the process as an unhandled rejection.
  work.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Closes what may hang or fail while closing. */
export async function closeQuietly(ms: number, client: { disconnect(): Promise<void> }): Promise<void> {
  await within(ms, 'closing', client.disconnect()).catch(() => {});
}
