import type { Server } from './runtime.ts';
import type { ServerEnd } from './server-end.ts';

/** A handle on a server that answers. `release` takes it away, and is called once however often it is stopped. */
export function startedServer<Details>({
  details,
  ping,
  ended,
  release,
}: {
  readonly details: Details;
  readonly ping: (signal: AbortSignal) => Promise<void>;
  /** Resolves when it has ended, by whomever. The signal is aborted when it is stopped. Left out where it is not ours. */
  readonly ended?: (signal: AbortSignal) => Promise<ServerEnd>;
  readonly release: () => Promise<void>;
}): Server<Details> {
  const watch = new AbortController();
  const death = Promise.withResolvers<ServerEnd>();
  const watchForEnd = async (): Promise<void> => {
    const end = await ended?.(watch.signal);
    if (end !== undefined && !watch.signal.aborted) {
      death.resolve(end);
    }
  };
  // Where it cannot be watched nobody hears of its death: those who ask it do.
  watchForEnd().catch(() => {});
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    watch.abort();
    stopping ??= release();
    return stopping;
  };
  return { details, ping, died: death.promise, stop, [Symbol.asyncDispose]: stop };
}
