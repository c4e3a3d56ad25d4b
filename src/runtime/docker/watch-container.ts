import { setTimeout } from 'node:timers/promises';
import type { ServerEnd } from '../server-end.ts';
import { boundAndIdle } from './bound-requests.ts';
import { containerEnd, type ServersContainer } from './container-end.ts';
import { unlessGone } from './remove-containers.ts';

/** How long is waited before a daemon that does not let us wait is asked again, in milliseconds. */
const interval = 1_000;

/**
 * Resolves when the container of a session's server has ended, with how: by one request, which the daemon answers then.
 * Where that breaks off, as in a restart of the daemon, it is made again. Ends with the signal's own reason.
 */
export async function watchContainer(watched: ServersContainer, id: string, signal: AbortSignal): Promise<ServerEnd> {
  const container = watched.client.container.getById(id);
  for (;;) {
    try {
      await boundAndIdle(signal, () => container.wait().catch(unlessGone));
      const end = await containerEnd(watched, signal);
      if (end !== undefined) {
        return end;
      }
    } catch {
      signal.throwIfAborted();
    }
    // To watch is no reason for a process to go on.
    await setTimeout(interval, undefined, { signal, ref: false });
  }
}
