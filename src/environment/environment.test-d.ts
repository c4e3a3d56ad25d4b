// The compiler is what runs these tests: nothing here is ever called.
import { expectTypeOf, test } from 'vitest';
import { defineEnvironment } from '../config/definition.ts';
import type { PostgresDetails, RedisDetails } from '../connection/details.ts';
import { defineService } from '../service/define-service.ts';
import type { ServiceContext } from '../service/service.ts';
import type { Environment } from './environment.ts';
import { postgres, redis } from './servers.ts';
import { startEnvironment } from './start-environment.ts';

interface AuditLog {
  readonly entries: readonly string[];
}

const audit = defineService({
  name: 'audit',
  scope: 'run',
  dependsOn: { database: postgres },
  start: async ({ database }): Promise<AuditLog> => ({ entries: [database.url] }),
  details: ({ entries }) => ({ count: entries.length }),
});
const mail = defineService({ name: 'mail', scope: 'run', start: () => new Date() });

test('details are those of the servers and of each listed service', async () => {
  const { details } = await startEnvironment({ services: [audit, mail] });

  expectTypeOf(details.postgres).toEqualTypeOf<PostgresDetails>();
  expectTypeOf(details.redis).toEqualTypeOf<RedisDetails>();
  expectTypeOf(details.audit).toEqualTypeOf<{ count: number }>();
  expectTypeOf(details.mail).toEqualTypeOf<undefined>();
  expectTypeOf(details).toHaveProperty('audit');
  expectTypeOf(details).not.toHaveProperty('wallet');
});

test('services are the values of those that are listed, and of no others', async () => {
  const { services } = await startEnvironment({ services: [audit, mail] });

  expectTypeOf(services).toEqualTypeOf<{ readonly audit: AuditLog; readonly mail: Date }>();
});

test('a server that is left out has no details', async () => {
  const withoutPostgres = await startEnvironment({ postgres: false });
  const withoutBoth = await startEnvironment({ postgres: false, redis: false, services: [mail] });

  expectTypeOf(withoutPostgres.details).not.toHaveProperty('postgres');
  expectTypeOf(withoutPostgres.details.redis).toEqualTypeOf<RedisDetails>();
  expectTypeOf<keyof typeof withoutBoth.details>().toEqualTypeOf<'mail'>();
  // @ts-expect-error -- there is no Postgres
  void withoutPostgres.details.postgres.url;
});

test('without a definition there are both servers, and no services', async () => {
  const { details, services } = await startEnvironment();

  expectTypeOf(details.postgres.url).toBeString();
  expectTypeOf(details.redis.port).toBeNumber();
  expectTypeOf<keyof typeof services>().toBeNever();
});

test('a definition made elsewhere keeps its types', async () => {
  const definition = defineEnvironment({ redis: false, services: [audit] });
  const environment = await startEnvironment(definition, { runtime: 'embedded' });

  expectTypeOf(environment).toEqualTypeOf<Environment<typeof definition>>();
  expectTypeOf(environment.services.audit).toEqualTypeOf<AuditLog>();
  expectTypeOf(environment.details).not.toHaveProperty('redis');
});

test('start receives what the service depends on, and the rest what start gave', () => {
  defineService({
    name: 'wallet',
    scope: 'run',
    dependsOn: { ledger: audit, cache: redis },
    start: ({ ledger, cache, ...others }, context) => {
      expectTypeOf(ledger).toEqualTypeOf<AuditLog>();
      expectTypeOf(cache).toEqualTypeOf<RedisDetails>();
      expectTypeOf<keyof typeof others>().toBeNever();
      expectTypeOf(context).toEqualTypeOf<ServiceContext>();
      return { balance: 1 };
    },
    check: (wallet) => void expectTypeOf(wallet).toEqualTypeOf<{ balance: number }>(),
    reset: (wallet) => void expectTypeOf(wallet).toEqualTypeOf<{ balance: number }>(),
    stop: (wallet) => void expectTypeOf(wallet).toEqualTypeOf<{ balance: number }>(),
  });
});

test('a service without dependencies receives none', () => {
  defineService({
    name: 'mail',
    scope: 'run',
    start: (dependencies) => {
      expectTypeOf<keyof typeof dependencies>().toBeNever();
      // @ts-expect-error -- it depends on nothing
      void dependencies.database;
    },
  });
});

test('what is misspelt does not compile', () => {
  expectTypeOf(defineEnvironment({ postgres: false })).toEqualTypeOf<{ readonly postgres: false }>();
  // @ts-expect-error -- postgres
  defineEnvironment({ postgress: false });
  // @ts-expect-error -- maxConnections
  defineEnvironment({ postgres: { maxConnection: 10 } });
  // @ts-expect-error -- embedded
  defineEnvironment({ runtime: 'embeded' });
  // @ts-expect-error -- services
  void startEnvironment({ service: [mail] });
  // @ts-expect-error -- runtime
  void startEnvironment({}, { runtimes: 'docker' });
  // @ts-expect-error -- check
  defineService({ name: 'mail', scope: 'run', start: () => {}, chek: () => {} });
  // @ts-expect-error -- a name is not a service
  defineEnvironment({ services: ['mail'] });
});
