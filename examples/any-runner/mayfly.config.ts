import { defineEnvironment, defineService, postgres, redis } from 'mayfly';
import { Guestbook } from './guestbook.ts';

const guestbook = defineService({
  name: 'guestbook',
  dependsOn: { postgres, redis },
  start: ({ postgres, redis }) => new Guestbook(postgres.url, redis.url),
  stop: (guestbook) => guestbook.close(),
});

export default defineEnvironment({ migrations: './migrations', services: [guestbook] });
