import type { Pool } from 'pg';
import type { Settings } from '../../config/settings.ts';
import type { PostgresDetails } from '../../connection/details.ts';
import { withPool } from '../../connection/pooled-postgres.ts';
import type { Timeline } from '../../coordinator/timeline.ts';
import type { TemplateContent } from '../../isolation/postgres/open-leases.ts';
import type { Service, SharedContext } from '../../service/service.ts';
import { LeaseOffice, type LeaseOfficeOptions } from './lease-office.ts';
import { leaseCoordinator, prepareServices, servicesToPrepare, type Provided } from './lease-services.ts';

/** What the office of the process that owns an environment is put together from. */
export interface OfficeParts {
  readonly settings: Settings;
  /** The services of leases, each after those that it depends on. */
  readonly services: readonly Service[];
  readonly session: string;
  /** Where relative paths begin. */
  readonly directory: string;
  readonly details: () => object;
  readonly shared: SharedContext;
  readonly timeline: Timeline;
}

/** The office of the process that owns an environment: it knows what is to be in the template. */
export function openOffice({ settings, ...parts }: OfficeParts): LeaseOffice {
  const { services, session, directory, shared, timeline } = parts;
  const { migrations, leases, concurrency, teardownTimeout } = settings;
  const details = (): Readonly<Record<string, unknown>> => parts.details() as Readonly<Record<string, unknown>>;
  const options: LeaseOfficeOptions = {
    session,
    services,
    shared,
    timeline,
    concurrency,
    teardownTimeout,
    settings: leases,
    isOwner: true,
    details,
    content: async (): Promise<TemplateContent> => {
      const { templateContent } = await import('./template-content.ts');
      return templateContent({ migrations, services, directory, session, prepare });
    },
  };
  const office = new LeaseOffice(options);
  const prepare = async (postgres: PostgresDetails, signal: AbortSignal): Promise<void> => {
    // Others may depend on services of the run that have not started yet.
    const preparing = servicesToPrepare(services);
    const coordinator = leaseCoordinator({ ...options, services: preparing }, provideForTemplate(office, postgres));
    await prepareServices(coordinator, options, signal);
  };
  return office;
}

/** The template itself in place of Postgres, and a space for a while in place of Redis. */
function provideForTemplate(office: LeaseOffice, postgres: PostgresDetails): Record<string, Provided> {
  const { options, signal } = office;
  const provided = Object.fromEntries(
    Object.entries(options.details()).map(([name, value]): [string, Provided] => [name, { start: async () => value }]),
  );
  if (provided['redis'] === undefined) {
    return { ...provided, postgres: pooled(postgres) };
  }
  const { timeout } = options.settings;
  const space = async () => (await office.redis()).take({ name: 'prepare' }, { timeout, signal });
  let taken: ReturnType<typeof space> | undefined;
  return {
    ...provided,
    postgres: pooled(postgres),
    redis: {
      start: () => (taken = space()),
      stop: async () => taken && (await office.redis()).giveBack(await taken),
    },
  };
}

/** With a pool that lasts as long as the services that were started for the template. */
function pooled(postgres: PostgresDetails): Provided {
  let pool: Pool | undefined;
  return {
    start: async () => {
      const { Pool: PgPool } = await import('pg').then((module) => module.default);
      const { url, runtime } = postgres;
      pool = new PgPool({ connectionString: url, ...(runtime !== 'external' && { ssl: false }) });
      // A connection that is lost outside a query would end this process (node-postgres#3083).
      pool.on('error', () => {});
      pool.on('connect', (client) => void client.on('error', () => {}));
      return withPool(postgres, pool);
    },
    stop: async () => pool?.end(),
  };
}
