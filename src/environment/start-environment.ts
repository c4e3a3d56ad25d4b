import type { Logger } from 'pino';
import { defineEnvironment, type EnvironmentDefinition, type Exactly } from '../config/definition.ts';
import { readProcessEnv } from '../config/process-env.ts';
import type { RuntimeName } from '../config/runtime-name.ts';
import { resolveSettings } from '../config/settings.ts';
import { Coordinator } from '../coordinator/coordinator.ts';
import { buildGraph } from '../coordinator/graph.ts';
import { Timeline } from '../coordinator/timeline.ts';
import { selectRuntime, type Selection } from '../runtime/select.ts';
import { Session } from '../session/session.ts';
import { endAfter } from '../session/signals.ts';
import type { Environment } from './environment.ts';
import { createLogger } from './logger.ts';
import { logProgress, unobtrusive, type ProgressEvent } from './progress.ts';
import { RunningEnvironment } from './running-environment.ts';
import { serverServices } from './servers.ts';

/** How an environment is started; everything may be left out. */
export interface StartOptions {
  /** Gives the start up: what has started is stopped again. */
  readonly signal?: AbortSignal | undefined;
  /** Comes before MAYFLY_RUNTIME and the definition. */
  readonly runtime?: RuntimeName | 'auto' | undefined;
  /** Hears of every step as it begins and ends, and of whatever is slow or unusual. */
  readonly onProgress?: ((event: ProgressEvent) => void) | undefined;
  /** Receives what services log, instead of a log of Mayfly's own at the level of MAYFLY_LOG. */
  readonly log?: Logger | undefined;
  /**
   * Whether SIGINT, SIGTERM and SIGHUP first take the environment away and then end the process, as they would have:
   * `true` where it is left out.
   */
  readonly handleSignals?: boolean | undefined;
}

/**
 * Starts Postgres, Redis and the definition's services, and resolves when all of them are healthy.
 *
 * @throws MayflyError one of those in the README's table; nothing is left behind then.
 *
 * @example
 * ```ts
 * await using environment = await startEnvironment();
 * const client = new pg.Client(environment.details.postgres.url);
 * ```
 */
export async function startEnvironment<const Definition extends EnvironmentDefinition = EnvironmentDefinition>(
  definition: Definition & Exactly<Definition> = {} as Definition & Exactly<Definition>,
  options: StartOptions = {},
): Promise<Environment<Definition>> {
  const env = readProcessEnv();
  const settings = resolveSettings(defineEnvironment(definition), env, options);
  const { log = createLogger(env.logLevel) } = options;
  const tell = unobtrusive((event) => {
    logProgress(log, event);
    options.onProgress?.(event);
  });
  const note = (message: string): void => tell({ type: 'note', message });

  let selection: Selection;
  const graph = buildGraph([...serverServices(settings, () => selection), ...settings.services]);
  const session = Session.open(env.stateDirectory, process.cwd());
  const timeline = new Timeline(tell);
  const { concurrency, teardownTimeout } = settings;
  const shared = { log, ownership: session, note };
  const coordinator = new Coordinator(graph, { shared, timeline, concurrency, teardownTimeout });
  const releaseSignals = options.handleSignals === false ? () => {} : endAfter(() => environment.stop());
  const environment: RunningEnvironment<Definition> = new RunningEnvironment({
    session,
    coordinator,
    timeline,
    releaseSignals,
  });
  await environment.start(options.signal ?? new AbortController().signal, async (signal) => {
    selection = await selectRuntime(settings, env, { signal, note });
    tell({ type: 'runtime', reason: selection.reason });
    return selection;
  });
  return environment;
}
