import { defineEnvironment, defineService, postgres } from 'mayfly';
import { startGuestbook } from './guestbook.ts';

const guestbook = defineService({
  name: 'guestbook',
  scope: 'run',
  dependsOn: { postgres },
  start: ({ postgres }) => startGuestbook(postgres.url),
  check: (app) => app.ping(),
  reset: (app) => app.clear(),
  details: (app) => ({ url: app.url }),
});

export default defineEnvironment({ services: [guestbook], redis: false });
