import type { ServiceGraph } from '../../coordinator/graph.ts';
import type { LeaseOffice } from './lease-office.ts';
import { withPostMortem } from './with-post-mortem.ts';

/** How the run's own database is filled, and what must run before. */
export interface Preparation {
  /** The services of the run that start before: the servers, and what services that prepare something depend on. */
  readonly before: readonly string[];
  run(office: LeaseOffice): Promise<void>;
}

/**
 * Builds the template, and has the run's own database be a copy of it: what DATABASE_URL names, and what the services of
 * the run find that start afterwards. Where one that uses this database has to start before, it keeps what it has.
 */
export function prepareRun({ order, dependenciesOf }: ServiceGraph): Preparation {
  const all = (names: readonly string[]): string[] =>
    names.flatMap((name) => [name, ...all(dependenciesOf.get(name) ?? [])]);
  const isOfRun = (name: string): boolean => order.some((service) => service.name === name && service.scope === 'run');
  const preparing = order.filter(({ preparation }) => preparation !== undefined).map(({ name }) => name);
  const needed = [...new Set(all(preparing).filter(isOfRun))];
  const servers = order.map(({ name }) => name).filter((name) => name === 'postgres' || name === 'redis');
  const isInUse = needed.some((name) => name !== 'postgres' && all([name]).includes('postgres'));
  return {
    before: [...new Set([...servers, ...needed])],
    run: async (office) => {
      const { leases } = await office.postgres();
      await withPostMortem(office, async () => {
        if (!isInUse) {
          await leases.fillRunDatabase();
        }
        await leases.keep();
      });
    },
  };
}
