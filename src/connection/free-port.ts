import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/**
 * A port on the loopback address that is free at this moment. Between this answer and the server's own bind another
 * process can take it: whoever asks must try again when the server says so.
 */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
