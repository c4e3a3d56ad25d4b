/** A media server of its own, until it is told to end, or is ended. Says first what there is, for whoever looks after. */
import { startEnvironment } from 'mayfly';
import definition from './mayfly.config.ts';

const environment = await startEnvironment(definition);
const { postgres, services } = await environment.lease({ name: 'an evening' });

console.log(
  JSON.stringify({
    directories: [services.storage.directory, environment.directory],
    site: services.site.url,
    database: postgres.url,
  }),
);
process.stdin.resume();
