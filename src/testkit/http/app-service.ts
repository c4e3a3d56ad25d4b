import { z } from 'zod';
import { defineService } from '../../service/define-service.ts';
import { callable } from '../../service/option-schemas.ts';
import type {
  Dependencies,
  Service,
  ServiceContext,
  ServiceRef,
  ServiceScope,
  ValuesOf,
} from '../../service/service.ts';
import { validOptions } from '../wait-options.ts';
import type { App } from './app.ts';
import type { LiveApp } from './live-app.ts';
import type { ServedApp } from './served-app.ts';
import { appOptions, startApp, type AppOptions } from './start-app.ts';

/** How an application of another process is reached. */
export interface AppDetails {
  readonly url: string;
  readonly port: number;
}

/** What the author of an application's service writes: `app` alone is required. */
export interface AppServiceDefinition<
  Name extends string,
  Needs extends Dependencies,
  Scope extends ServiceScope,
> extends AppOptions {
  /** `app` where it is left out. */
  readonly name?: Name;
  /** `lease` where it is left out: an application for each lease, on its own database. */
  readonly scope?: Scope;
  /** Started before the application and stopped after it. */
  readonly dependsOn?: Needs;
  /** Makes the application out of what it depends on. */
  app(dependencies: ValuesOf<Needs, Scope>, context: ServiceContext): App | Promise<App>;
}

/** Beyond the time that the application has itself, in milliseconds, so that its own errors are the first. */
const stopMargin = 6_000;

/** How long it may take to make it, in milliseconds, and to take it away where it was not ready in time. */
const startMargin = 30_000;

const schema = z.strictObject({ ...appOptions, app: callable });

/**
 * An application as a service: started on the database of a lease or once for the run, healthy as long as it answers, and
 * stopped before what it depends on. A command is written down as the session's before it runs.
 *
 * Errors: `MAYFLY_DEFINITION_INVALID`, `MAYFLY_INPUT_INVALID`; those of `serveApp` when it starts.
 *
 * @example
 * ```ts
 * const shop = appService({
 *   name: 'shop',
 *   dependsOn: { postgres },
 *   app: ({ postgres }) => shopOn(postgres.pool),
 * });
 * ```
 */
export function appService<
  const Name extends string = 'app',
  Needs extends Dependencies = Record<never, ServiceRef>,
  const Scope extends ServiceScope = 'lease',
>(definition: AppServiceDefinition<Name, Needs, Scope>): Service<Name, ServedApp, AppDetails, Scope> {
  const { name = 'app' as Name, scope, dependsOn, ...own } = { ...definition };
  const options = validOptions(schema, own, 'appService');
  return defineService<Name, LiveApp, Needs, AppDetails, Scope>({
    name,
    ...(scope === undefined ? {} : { scope }),
    ...(dependsOn === undefined ? {} : { dependsOn }),
    timeouts: { start: options.timeout + startMargin, stop: 2 * options.grace + stopMargin },
    start: async (dependencies, context) => {
      const { signal, ownership } = context;
      return startApp(await definition.app(dependencies, context), options, { signal, ownership, service: name });
    },
    check: (live, { signal }) => live.check(options.health, signal),
    stop: (live) => live.stop(),
    details: ({ url, port }) => ({ url, port }),
  });
}
