import { defineEnvironment, defineService, postgres } from 'mayfly';
import { appService } from 'mayfly/testkit';
import { EventFeed } from './event-feed.ts';
import { LiveServer } from './live-server.ts';

/** What the database of a lease announces. It holds one of the lease's connections, and goes before they do. */
const feed = defineService({
  name: 'feed',
  dependsOn: { postgres },
  start: ({ postgres }) => EventFeed.open(postgres.pool),
  stop: (feed) => feed.close(),
});

/** The server: on a free port of its own, up before the first test that asks for it, and down before the feed is. */
const live = appService({
  name: 'live',
  dependsOn: { postgres, feed },
  health: '/health',
  app: ({ postgres, feed }) => new LiveServer(postgres.pool, Promise.resolve(feed)),
});

export default defineEnvironment({ migrations: './migrations', redis: false, services: [feed, live] });
