import { randomUUID } from 'node:crypto';
import { containerService, defineEnvironment, defineService } from 'mayfly';
import { GenericContainer, Wait, type StartedTestContainer } from 'testcontainers';
import { Events } from './events.ts';

/** One server for the whole run: a container like that of Postgres, and removed like it, whatever happens. */
const nats = containerService({
  name: 'nats',
  container: () =>
    new GenericContainer(process.env.NATS_IMAGE ?? 'nats:2-alpine')
      .withExposedPorts(4222)
      .withWaitStrategy(Wait.forLogMessage('Server is ready')),
  check: async (nats) => {
    const events = await Events.connect(placeOf(nats));
    try {
      await events.ping();
    } finally {
      await events.close();
    }
  },
  details: placeOf,
});

/** On it, subjects of its own for each lease. */
const events = defineService({
  name: 'events',
  dependsOn: { nats },
  start: ({ nats }) => Events.connect(nats, randomUUID()),
  stop: (events) => events.close(),
});

export default defineEnvironment({ migrations: './migrations', redis: false, services: [nats, events] });

function placeOf(nats: StartedTestContainer) {
  return { host: nats.getHost(), port: nats.getMappedPort(4222) };
}
