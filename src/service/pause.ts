import { setTimeout } from 'node:timers/promises';

/** Waits `ms` milliseconds, or throws the signal's own reason as soon as it is aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
}
