import { defineEnvironment } from 'mayfly';
import { cache, key, site, storage } from './services.ts';

export default defineEnvironment({
  migrations: './migrations',
  services: [cache, storage, key, site],
  // So many tests of a file, under test.concurrent, have a media server each at the same time.
  leases: { concurrency: 4 },
});
