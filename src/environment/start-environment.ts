import type { Logger } from 'pino';
import { defineEnvironment, type EnvironmentDefinition, type Exactly } from '../config/definition.ts';
import { readProcessEnv } from '../config/process-env.ts';
import { resolveSettings } from '../config/settings.ts';
import type { RuntimeName } from '../connection/runtime-name.ts';
import { Coordinator } from '../coordinator/coordinator.ts';
import { buildGraph } from '../coordinator/graph.ts';
import { Timeline } from '../coordinator/timeline.ts';
import type { MayflyError } from '../errors/mayfly-error.ts';
import { selectRuntime, type Selection } from '../runtime/select.ts';
import { Session } from '../session/session.ts';
import { endAfter } from '../session/signals.ts';
import { reaperCommand } from './clean-up/reaper-command.ts';
import { sweepAhead } from './clean-up/sweep-ahead.ts';
import { Deaths } from './deaths.ts';
import type { Environment } from './environment.ts';
import { openOffice } from './leases/open-office.ts';
import { prepareRun } from './leases/prepare-run.ts';
import { isPrepared } from './leases/prepared.ts';
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
  /**
   * Hears of a server that dies once the environment is ready, with how it ended and its last log lines, and tells the
   * user: later errors of this run then leave the log lines out.
   */
  readonly onDeath?: ((error: MayflyError) => void) | undefined;
  /**
   * Whether databases are made ready for leases as soon as the servers run, beside whatever follows, instead of when the
   * first lease is asked for: `false` where it is left out.
   */
  readonly leaseAhead?: boolean | undefined;
  /** Where relative paths in the definition begin; the working directory where it is left out. */
  readonly directory?: string | undefined;
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
  const deaths = new Deaths(log, options.onDeath);
  const onDeath = (error: MayflyError): void => void deaths.add(error);
  const servers = serverServices(settings, { selection: () => selection, onDeath });
  const all = buildGraph([...servers, ...settings.services]);
  const graph = buildGraph(all.order.filter(({ scope }) => scope === 'run'));
  sweepAhead(env.stateDirectory);
  const session = Session.open(env.stateDirectory, process.cwd(), reaperCommand);
  const timeline = new Timeline(tell);
  const { concurrency, teardownTimeout } = settings;
  const shared = { log, ownership: session, note };
  const coordinator = new Coordinator(graph, { shared, timeline, concurrency, teardownTimeout });
  const leaseServices = all.order.filter(({ scope }) => scope === 'lease');
  const office = openOffice({
    settings,
    services: leaseServices,
    session: session.sessionId,
    directory: options.directory ?? process.cwd(),
    details: () => environment.details,
    shared,
    timeline,
  });
  const sources = { migrations: settings.migrations, services: leaseServices };
  const releaseSignals = options.handleSignals === false ? () => {} : endAfter(() => environment.stop());
  const environment: RunningEnvironment<Definition> = new RunningEnvironment({
    session,
    coordinator,
    office,
    preparation: isPrepared(sources) ? prepareRun(all) : undefined,
    timeline,
    deaths,
    releaseSignals,
  });
  await environment.start(options.signal ?? new AbortController().signal, async (signal) => {
    selection = await selectRuntime(settings, env, { signal, note });
    tell({ type: 'runtime', reason: selection.reason });
    return selection;
  });
  if (options.leaseAhead === true && settings.postgres !== undefined) {
    // Whoever asks for a lease hears what went wrong.
    office
      .postgres()
      .then(({ leases }) => leases.keep())
      .catch(() => {});
  }
  return environment;
}
