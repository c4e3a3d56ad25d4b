import { Client } from 'pg';
import { timeOf, type Measure } from '../measure.ts';
import type { Peer, Row } from '../row.ts';
import { buys, migrateShop } from '../shop.ts';
import type { Workbench } from '../workbench.ts';

/** What is over in a moment is measured this often in each round. */
const times = 20;

/** Two ways to a database of 10 MB with 22 tables, on one server. */
interface Ways {
  readonly environment: Awaited<ReturnType<typeof startShop>>;
  /** Connected to another database than the one that is copied. */
  readonly admin: Client;
  /** Connects to the copy. */
  readonly connect: () => Promise<Client>;
}

const copying = '`CREATE DATABASE … TEMPLATE` and `DROP DATABASE` on the same server';

/**
 * From the call to the lease; neither side connects to its database within that time. Before it is given back it is
 * written to, so that it is one that was undone which the next taker gets. The peer takes as long as its database is new.
 */
export function lease(runtime: 'docker' | 'embedded'): Row {
  return {
    id: runtime === 'docker' ? 'docker-lease' : 'lease',
    work: `${runtime === 'docker' ? 'Docker' : 'embedded'}: a lease of a database of 10 MB`,
    prepare: async (bench) => {
      if (runtime === 'docker' && !bench.docker.usable) {
        return bench.docker.reason;
      }
      const ways = await openWays(bench, runtime);
      const mayfly = async (): Promise<number> => {
        const begun = performance.now();
        const taken = await ways.environment.lease();
        const duration = performance.now() - begun;
        await buys(taken.pool, 0);
        await taken.release();
        return duration;
      };
      return { times, mayfly, peers: copies(ways, { target: 0.05, target95: 0.15 }) };
    },
  };
}

/** From the call to the return of the database, which nobody used. */
export const leaseAndRelease: Row = {
  id: 'lease-release',
  work: 'embedded: the same, taken and given back',
  prepare: async (bench) => {
    const ways = await openWays(bench, 'embedded');
    const mayfly: Measure = async () => timeOf(async () => (await ways.environment.lease()).release());
    return { times, mayfly, peers: copies(ways) };
  },
};

/** With the first connection, on both sides, and its end. */
export const leaseUsed: Row = {
  id: 'lease-used',
  work: 'embedded: the same, taken, written to in three tables, and given back',
  prepare: async (bench) => {
    const { environment, admin, connect } = await openWays(bench, 'embedded');
    const mayfly = async (): Promise<void> => {
      await using taken = await environment.lease();
      await buys(taken.pool, 0);
    };
    const peer = async (): Promise<void> => {
      await admin.query('CREATE DATABASE copy TEMPLATE postgres');
      const client = await connect();
      await buys(client, 0);
      await client.end();
      await admin.query('DROP DATABASE copy');
    };
    return {
      times,
      mayfly: () => timeOf(mayfly),
      peers: [{ name: `${copying}, with the same between them`, measure: () => timeOf(peer) }],
    };
  },
};

/** As the documentation has it, and as it is fastest where data need not be safe. */
function copies({ admin }: Ways, targets: Pick<Peer, 'target' | 'target95'> = {}): readonly Peer[] {
  const copy = async (options: string): Promise<void> => {
    await admin.query(`CREATE DATABASE copy TEMPLATE postgres ${options}`);
    await admin.query('DROP DATABASE copy');
  };
  return [
    { name: copying, ...targets, measure: () => timeOf(() => copy('')) },
    { name: 'the same, `STRATEGY FILE_COPY`', measure: () => timeOf(() => copy('STRATEGY FILE_COPY')) },
  ];
}

async function openWays(bench: Workbench, runtime: 'docker' | 'embedded'): Promise<Ways> {
  const environment = await startShop(bench, runtime);
  const { url } = environment.details.postgres;
  const at = async (database: string): Promise<Client> => {
    const client = new Client({ connectionString: url.replace(/[^/]*$/, database) });
    await client.connect();
    return client;
  };
  const admin = await at('template1');
  bench.defer(() => admin.end());
  return { environment, admin, connect: () => at('copy') };
}

function startShop(bench: Workbench, runtime: 'docker' | 'embedded') {
  return bench.environment({ redis: false, migrations: migrateShop, leases: { workers: 1 } }, runtime);
}
