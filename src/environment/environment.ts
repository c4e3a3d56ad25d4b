import type { EnvironmentDefinition } from '../config/definition.ts';
import type { PostgresDetails, RedisDetails } from '../connection/details.ts';
import type { Health } from '../coordinator/health.ts';
import type { TeardownReport } from '../coordinator/teardown.ts';
import type { Span } from '../coordinator/timeline.ts';
import type { Service } from '../service/service.ts';

/** A started definition. Whoever started it stops it. */
export interface Environment<Definition extends EnvironmentDefinition = EnvironmentDefinition> extends AsyncDisposable {
  /** Identifies the run, also on everything that it made. */
  readonly session: string;
  /** The run's private directory, for files that are to go with it. */
  readonly directory: string;
  /** Where servers run and why, in one line. */
  readonly runtime: string;
  /** How to reach each service: plain data, by the service's name. Holds passwords. */
  readonly details: DetailsOf<Definition>;
  /** What the start of each of the definition's services gave, by its name. */
  readonly services: ServicesOf<Definition>;
  /** DATABASE_URL, REDIS_URL and the like, for a process that is to use the environment. Holds passwords. */
  readonly variables: Readonly<Record<string, string>>;
  /** What was done so far, and how long each step took. */
  readonly timeline: readonly Span[];
  /** Whether every service is healthy, and why not. Never throws. */
  health(): Promise<Health>;
  /**
   * Calls the `reset` of each service that has one, dependents first. Postgres and Redis themselves are not emptied.
   *
   * @throws MayflyError `MAYFLY_SERVICE_RESET_FAILED`, or `MAYFLY_ENVIRONMENT_STOPPED` after {@link stop}.
   */
  reset(): Promise<void>;
  /**
   * Takes everything away, in reverse, and says what was done. Called again it gives the same answer.
   *
   * @throws TeardownError when steps failed, after all of them were carried out.
   */
  stop(): Promise<TeardownReport>;
}

type ServerDetails<Definition extends EnvironmentDefinition> = (Definition extends { readonly postgres: false }
  ? unknown
  : { readonly postgres: PostgresDetails }) &
  (Definition extends { readonly redis: false } ? unknown : { readonly redis: RedisDetails });

type ListedService<Definition extends EnvironmentDefinition> = Definition extends {
  readonly services: readonly (infer Listed extends Service)[];
}
  ? Listed
  : never;

/** The connection details of each service of a definition, by name; `undefined` for a service that has none. */
export type DetailsOf<Definition extends EnvironmentDefinition> = ServerDetails<Definition> & {
  readonly [Listed in ListedService<Definition> as Listed['name']]: Listed extends Service<
    string,
    unknown,
    infer Details
  >
    ? Details
    : never;
};

/** The value of each of a definition's own services, by name. */
export type ServicesOf<Definition extends EnvironmentDefinition> = {
  readonly [Listed in ListedService<Definition> as Listed['name']]: Listed extends Service<string, infer Value>
    ? Value
    : never;
};
