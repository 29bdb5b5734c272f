/** `Promise.withResolvers`, but a rejection that nobody waits for is no crash. */
export function defer<T>(): PromiseWithResolvers<T> {
  const deferred = Promise.withResolvers<T>();
  deferred.promise.catch(() => {});
  return deferred;
}
