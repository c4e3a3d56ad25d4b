import type { Server } from './runtime.ts';

/** A handle on a server that answers. `release` takes it away, and is called once however often it is stopped. */
export function startedServer<Details>({
  details,
  ping,
  release,
}: {
  readonly details: Details;
  readonly ping: (signal: AbortSignal) => Promise<void>;
  readonly release: () => Promise<void>;
}): Server<Details> {
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= release();
    return stopping;
  };
  return { details, ping, stop, [Symbol.asyncDispose]: stop };
}
