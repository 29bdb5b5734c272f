import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A wire to the server that can be held: what is sent meanwhile arrives nowhere, and nobody hears of it. */
export async function holdableWire(url: string) {
  const target = new URL(url);
  const own = new URL(url);
  const sockets: Socket[] = [];
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const each of [near, far]) sockets.push(each.on('error', () => undefined));
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  own.hostname = '127.0.0.1';
  own.port = String((server.address() as AddressInfo).port);
  return {
    url: own.toString(),
    hold: () => sockets.forEach((each) => each.unpipe().pause()),
    close: () => (sockets.forEach((each) => each.destroy()), server.close()),
  };
}
