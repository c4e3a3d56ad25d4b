/**
 * testcontainers-node as its documentation has it: one container after the other, nothing configured, but for a label by
 * which the bench finds what is left behind. Then the migrations, and the end, one container after the other or both at
 * once.
 */
import { migrateAt } from '../migrations.ts';
import { printTimes } from '../times.ts';

const [, , postgresImage = '', redisImage = '', label = '', order] = process.argv;
const [name = '', value = ''] = label.split('=');

const { PostgreSqlContainer } = await import('@testcontainers/postgresql');
const { RedisContainer } = await import('@testcontainers/redis');
const begun = performance.now();
const postgres = await new PostgreSqlContainer(postgresImage).withLabels({ [name]: value }).start();
const redis = await new RedisContainer(redisImage).withLabels({ [name]: value }).start();
await migrateAt(postgres.getConnectionUri());
const ready = performance.now();

if (order === 'at once') {
  await Promise.all([postgres.stop(), redis.stop()]);
} else {
  await postgres.stop();
  await redis.stop();
}
printTimes({ start: ready - begun, stop: performance.now() - ready });
