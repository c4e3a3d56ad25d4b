import type { Service } from 'mayfly';
import { audit, database, financial, gdpr, stripe, wallet } from 'mayfly/services';
import { Client, Pool } from 'pg';
import type { Row } from '../row.ts';

/** What is over in a moment is measured this often in each round. */
const times = 10;

const six = [database, audit, gdpr, financial, wallet, stripe] as const;

type Context = Parameters<Service['start']>[1];

/**
 * From the call to six services that have been started and checked, on a database that has their tables. The peer starts
 * and checks the same services, one after the other as Mayfly does, and is given its templates ready-made.
 */
export const services: Row = {
  id: 'services',
  work: 'embedded: the six bundled services started on a lease',
  prepare: async (bench) => {
    const environment = await bench.environment({ redis: false, services: six, leases: { workers: 1 } }, 'embedded');
    const { url } = environment.details.postgres;
    const at = (name: string): string => url.replace(/[^/]*$/, name);
    const admin = new Client({ connectionString: at('template1') });
    await admin.connect();
    bench.defer(() => admin.end());
    await admin.query('CREATE DATABASE made TEMPLATE template0');
    await prepareAll(at('made'));

    const by = (create: string, prepare: (name: string) => Promise<void>) => async (): Promise<number> => {
      const begun = performance.now();
      await admin.query(create);
      await prepare(at('copy'));
      const opened = await startAll(at('copy'));
      const duration = performance.now() - begun;
      await opened.end();
      await admin.query('DROP DATABASE copy');
      return duration;
    };
    return {
      times,
      mayfly: async () => {
        const begun = performance.now();
        const lease = await environment.lease();
        const duration = performance.now() - begun;
        await lease.services.database.query('INSERT INTO tenants VALUES (gen_random_uuid(), $1, $1)', ['hall']);
        await lease.release();
        return duration;
      },
      peers: [
        {
          name: '`CREATE DATABASE … TEMPLATE` with the same tables, the same services on it',
          measure: by('CREATE DATABASE copy TEMPLATE made', async () => {}),
        },
        {
          name: 'an empty database, the same tables made in it, the same services on it',
          measure: by('CREATE DATABASE copy TEMPLATE template0', prepareAll),
        },
      ],
    };
  },
};

const context = { signal: new AbortController().signal } as Context;

/** Has every service make its tables in this database. */
async function prepareAll(url: string): Promise<void> {
  const pool = new Pool({ connectionString: url });
  const values: Record<string, unknown> = { postgres: { url, pool } };
  for (const service of six as readonly Service[]) {
    await service.preparation?.prepare(values, context);
    values[service.name] = await service.start(values, context);
  }
  await pool.end();
}

async function startAll(url: string): Promise<Pool> {
  const pool = new Pool({ connectionString: url });
  const values: Record<string, unknown> = { postgres: { url, pool } };
  for (const service of six as readonly Service[]) {
    const value = await service.start(values, context);
    await service.check(value, context);
    values[service.name] = value;
  }
  return pool;
}
