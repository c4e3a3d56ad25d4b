import type { ServiceGraph } from '../../coordinator/graph.ts';
import type { LeaseOffice } from './lease-office.ts';

/** How the run's own database is filled, and what must run before. */
export interface Preparation {
  /** The services of the run that start before: the servers, and what the services of leases depend on. */
  readonly before: readonly string[];
  run(office: LeaseOffice, details: object): Promise<void>;
}

/**
 * Builds the template, and has the run's own database be a copy of it: what DATABASE_URL names, and what the services of
 * the run find that start afterwards.
 */
export function prepareRun({ order, dependenciesOf }: ServiceGraph): Preparation {
  const servers = order.map(({ name }) => name).filter((name) => name === 'postgres' || name === 'redis');
  const needed = order
    .filter(({ scope }) => scope === 'lease')
    .flatMap(({ name }) => dependenciesOf.get(name) ?? [])
    .filter((name) => order.some((service) => service.name === name && service.scope === 'run'));
  return {
    before: [...new Set([...servers, ...needed])],
    run: async (office) => {
      const { leases } = await office.postgres();
      await leases.fillRunDatabase();
      await leases.keep();
    },
  };
}
